"""A Symbl server on loopback whose answers the test sets; it counts what it is sent."""

import json
import re

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

EMPTY_FINDINGS: dict[str, object] = {
    "insights": {"insights": []},
    "topics": {"topics": []},
    "entities": {"entities": []},
    "trackers-detected": [],
    "summary": {"summary": []},
    "analytics": {"metrics": [], "members": []},
}


def find_nothing(server: HTTPServer, where: str) -> None:
    """Have `server` answer that it found nothing in the conversation at the path `where`."""
    for part, document in EMPTY_FINDINGS.items():
        server.expect_request(f"{where}/{part}").respond_with_json(document)


class Api:
    """A Symbl server whose answer to a recording is set by the test; counts what it gets."""

    def __init__(self, server: HTTPServer) -> None:
        self.answer = Response(status=500)
        self.bodies: list[bytes] = []
        self.urls: list[str] = []
        self.job_status = "completed"
        self.messages: list[dict[str, object]] = []
        token = {"accessToken": "token", "expiresIn": 3600}
        server.expect_request("/oauth2/token:generate").respond_with_json(token)
        server.expect_request(re.compile("^/v1/process/")).respond_with_handler(self.process)
        server.expect_request(re.compile("^/v1/job/j[0-9]$")).respond_with_handler(self.job)
        where = "/v1/conversations/5120345678901234"
        about = {"id": "5120345678901234", "startTime": "2026-01-05T10:00:00.000Z"}
        server.expect_request(where).respond_with_json(about)
        server.expect_request(f"{where}/members").respond_with_json({"members": []})
        server.expect_request(f"{where}/messages").respond_with_handler(
            lambda _: Response(json.dumps({"messages": self.messages}))
        )
        find_nothing(server, where)

    def process(self, request: Request) -> Response:
        self.bodies.append(request.get_data())
        self.urls.append(request.url)
        return self.answer

    def job(self, request: Request) -> Response:
        if request.path != "/v1/job/j1":
            return Response('{"message": "unknown job"}', status=404)
        return Response(json.dumps({"id": "j1", "status": self.job_status}))

    def accepts(self, conversation_id: str = "5120345678901234", job_id: str = "j1") -> None:
        ids = {"conversationId": conversation_id, "jobId": job_id}
        self.answer = Response(json.dumps(ids), status=201)

    def says(self, text: str) -> None:
        self.messages.append(
            {
                "id": str(len(self.messages)),
                "text": text,
                "startTime": "2026-01-05T10:00:01.000Z",
                "endTime": "2026-01-05T10:00:02.000Z",
            }
        )
