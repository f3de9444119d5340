"""A Symbl server on loopback whose answers the test sets; it counts what it is sent."""

import json

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response


class Api:
    """A Symbl server whose answer to a recording is set by the test; counts what it gets."""

    def __init__(self, server: HTTPServer) -> None:
        self.answer = Response(status=500)
        self.bodies: list[bytes] = []
        self.job_status = "completed"
        self.messages: list[dict[str, object]] = []
        token = {"accessToken": "token", "expiresIn": 3600}
        server.expect_request("/oauth2/token:generate").respond_with_json(token)
        server.expect_request("/v1/process/audio").respond_with_handler(self.process)
        server.expect_request("/v1/process/audio/5120345678901234").respond_with_handler(
            self.process
        )
        server.expect_request("/v1/job/j1").respond_with_handler(
            lambda _: Response(json.dumps({"id": "j1", "status": self.job_status}))
        )
        where = "/v1/conversations/5120345678901234"
        about = {"id": "5120345678901234", "startTime": "2026-01-05T10:00:00.000Z"}
        server.expect_request(where).respond_with_json(about)
        server.expect_request(f"{where}/members").respond_with_json({"members": []})
        server.expect_request(f"{where}/messages").respond_with_handler(
            lambda _: Response(json.dumps({"messages": self.messages}))
        )

    def process(self, request: Request) -> Response:
        self.bodies.append(request.get_data())
        return self.answer

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
