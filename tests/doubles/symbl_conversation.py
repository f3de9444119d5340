"""A Symbl server on loopback that holds one conversation whole; a test may replace any part."""

import json
from typing import Any

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

REMOTE_ID = "5120345678901234"
WHERE = f"/v1/conversations/{REMOTE_ID}"
IDA = {"id": "p1", "name": "Speaker 1", "userId": "ida@example.test"}
ACTION: dict[str, Any] = {
    "id": "i1", "type": "action_item", "text": "Ida sends the deck.", "score": 0.9,
    "messageIds": ["1"], "from": IDA, "assignee": {"email": "BO@example.test", "name": "Old name"},
    "dueBy": "2026-01-06T07:00:00.000Z",
}  # fmt: skip
FOUND: dict[str, Any] = {
    "insights": {"insights": [
        ACTION,
        {"id": "i2", "type": "question", "text": "When?", "messageIds": [],
         "from": {"id": "nobody"}},
        {"id": "i3", "type": "something_new", "text": "?", "messageIds": []},
    ]},
    "topics": {"topics": [
        {"id": "t1", "text": "deck", "type": "topic", "score": 0.5, "messageIds": ["1"],
         "parentRefs": [{"type": "topic", "text": "sales"}]},
    ]},
    "entities": {"entities": [
        {"type": "date", "value": "2026-01-06", "text": "tomorrow",
         "messageRefs": [{"id": "1", "text": "I send it tomorrow.", "offset": 10}]},
    ]},
    "trackers-detected": [
        {"id": "k1", "name": "Deck", "matches": [
            {"type": "vocabulary", "value": "the deck",
             "messageRefs": [{"id": "1", "text": "the deck", "offset": -1}],
             "insightRefs": [{"id": "i1", "type": "action_item", "text": "…", "offset": 0}]},
        ]},
    ],
    "summary": {"summary": [
        {"id": "s1", "text": "Ida sends it.", "messageRefs": [{"id": "1"}]},
    ]},
    "analytics": {
        "metrics": [{"type": "total_silence", "percent": 20.0, "seconds": 2.0}],
        "members": [
            {**IDA, "pace": {"wpm": 128}, "talkTime": {"percentage": 60.0, "seconds": 5.0},
             "listenTime": {"percentage": 40.0, "seconds": 3.0},
             "overlap": {"overlapDuration": 1.0, "overlappingMembers": [
                 {"id": "p9", "name": "A voice", "percent": 5.0, "seconds": 1.0}]}},
        ],
    },
}  # fmt: skip


class Server:
    """One conversation; `parts` are its documents, or whole answers, by their path below it.

    `listed` is what the list of conversations holds, newest first, and `asked` how it was
    asked for. `fails` is the answer to everything, when set.
    """

    def __init__(self, server: HTTPServer) -> None:
        self.listed: list[dict[str, Any]] = []
        self.asked: list[dict[str, str]] = []
        self.fails: Response | None = None
        self.parts: dict[str, Any] = {
            "": {
                "id": REMOTE_ID, "name": "Weekly sync", "startTime": "2026-01-05T10:00:00.000Z",
                "endTime": "2026-01-05T10:41:00.000Z",
            },
            "/members": {"members": [
                {"id": "p1", "name": "Speaker 1"},
                {"id": "p2", "name": "Bo", "email": "bo@example.test"},
            ]},
            "/messages": {"messages": [
                {"id": "1", "text": "I send it.", "from": {"id": "p1", "name": "Speaker 1"},
                 "startTime": "2026-01-05T10:00:01.000Z", "endTime": "2026-01-05T10:00:02.000Z",
                 "phrases": [{"type": "action_phrase", "text": "send it"}]},
            ]},
            **{f"/{part}": document for part, document in FOUND.items()},
        }  # fmt: skip
        token = {"accessToken": "token", "expiresIn": 3600}
        server.expect_request("/oauth2/token:generate").respond_with_json(token)
        server.expect_request("/v1/conversations").respond_with_handler(self.list)
        for part in self.parts:
            server.expect_request(f"{WHERE}{part}").respond_with_handler(self.part)

    def list(self, request: Request) -> Response:
        self.asked.append(request.args.to_dict())
        start, size = int(request.args["offset"]), int(request.args["limit"])
        return self.answer({"conversations": self.listed[start : start + size]})

    def part(self, request: Request) -> Response:
        return self.answer(self.parts[request.path.removeprefix(WHERE)])

    def answer(self, document: Any) -> Response:
        if self.fails is not None:
            return self.fails
        return document if isinstance(document, Response) else Response(json.dumps(document))

    def knows(self, server: HTTPServer, remote_id: str, name: str = "") -> None:
        """Let one more conversation be known by its id and in the list."""
        document = {"id": remote_id, "name": name, "startTime": "2026-01-05T10:00:00.000Z"}
        self.listed.append(document)
        server.expect_request(f"/v1/conversations/{remote_id}").respond_with_handler(
            lambda _: self.answer(document)
        )
