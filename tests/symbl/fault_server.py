"""A server on loopback that answers one kind of call and misbehaves in one way.

Used by test_faults.py: what a client may conclude from a failure can only be
tested over real sockets. Every request but the one for a token meets the fault.
"""

import contextlib
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

TOKEN_ANSWER = b'{"accessToken": "fresh", "expiresIn": 3600}'
ACCEPTED_ANSWER = b'{"conversationId": "5815170693595136", "jobId": "9b1deb4d"}'
RECEIVE_BYTES = 64 * 1024
PATIENCE_SECONDS = 5.0


@dataclass
class Exchange:
    """One connection after its request head was read."""

    connection: socket.socket
    head: str
    body: bytearray
    released: threading.Event

    @property
    def length(self) -> int:
        """The announced number of bytes of the body."""
        for line in self.head.split("\r\n"):
            name, _, value = line.partition(":")
            if name.lower() == "content-length":
                return int(value)
        return 0

    def receive(self, share: float = 1.0) -> bool:
        """Read that share of the body; return whether it arrived."""
        wanted = int(self.length * share)
        while len(self.body) < wanted:
            data = self.connection.recv(RECEIVE_BYTES)
            if not data:
                return False
            self.body += data
        return True

    def answer(self, status: str, body: bytes, *headers: str, announced: int | None = None) -> None:
        """Send an answer; `announced` is a wrong length for its body."""
        length = len(body) if announced is None else announced
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {length}", *headers]
        self.connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)

    def reset(self) -> None:
        """Close the connection with a reset instead of an orderly end."""
        reset(self.connection)

    def linger(self) -> None:
        """Stay silent until the test is over."""
        self.released.wait(PATIENCE_SECONDS)


Fault = Callable[[Exchange], None]


@dataclass
class FaultServer:
    """Listens on a free port while entered; what reached it is final afterwards.

    `bodies` is the number of request bodies received in full, `heads` the request
    heads; neither counts token requests. With `fault` None every connection is
    reset as soon as it is accepted.
    """

    fault: Fault | None
    heads: list[str] = field(default_factory=list)
    bodies: int = 0
    connections: int = 0

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._released = threading.Event()
        self._last_caller: object = None
        self._threads: list[threading.Thread] = []
        self._acceptor = threading.Thread(target=self._accept)
        self._acceptor.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._released.set()
        # Connections are accepted in order, so after this one none is left waiting.
        with socket.socket() as last:
            last.bind(("127.0.0.1", 0))
            self._last_caller = last.getsockname()
            last.connect(self._listener.getsockname())
            self._acceptor.join(PATIENCE_SECONDS)
        self._listener.close()
        for thread in self._threads:
            thread.join(PATIENCE_SECONDS)

    @property
    def url(self) -> str:
        """The base URL, with a path in front of the API's own."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}/engine"

    def _accept(self) -> None:
        while True:
            connection, caller = self._listener.accept()
            if caller == self._last_caller:
                connection.close()
                return
            self.connections += 1
            if self.fault is None:
                reset(connection)
                continue
            thread = threading.Thread(target=self._serve, args=(connection, self.fault))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket, fault: Fault) -> None:
        connection.settimeout(PATIENCE_SECONDS)
        with connection, contextlib.suppress(OSError):
            exchange = self._first_request(connection)
            if "/oauth2/token:generate " in exchange.head:
                exchange.receive()
                exchange.answer("200 OK", TOKEN_ANSWER)
                return
            self.heads.append(exchange.head)
            try:
                fault(exchange)
            finally:
                self.bodies += len(exchange.body) == exchange.length

    def _first_request(self, connection: socket.socket) -> Exchange:
        data = b""
        while b"\r\n\r\n" not in data:
            more = connection.recv(RECEIVE_BYTES)
            if not more:
                raise ConnectionError
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        return Exchange(connection, head.decode(), bytearray(body), self._released)


def reset(connection: socket.socket) -> None:
    """Close a connection with a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def reset_after_headers(exchange: Exchange) -> None:
    """Reset before the body was read."""
    exchange.reset()


def reset_mid_body(exchange: Exchange) -> None:
    """Reset when half of the body has arrived."""
    exchange.receive(0.5)
    exchange.reset()


def stall_mid_body(exchange: Exchange) -> None:
    """Stop reading when half of the body has arrived."""
    exchange.receive(0.5)
    exchange.linger()


def close_after_body(exchange: Exchange) -> None:
    """Take the whole body and hang up."""
    exchange.receive()


def reset_after_body(exchange: Exchange) -> None:
    """Take the whole body and reset."""
    exchange.receive()
    exchange.reset()


def stall_after_body(exchange: Exchange) -> None:
    """Take the whole body and say nothing."""
    exchange.receive()
    exchange.linger()


def half_a_status_line(exchange: Exchange) -> None:
    """Break off within the status line."""
    exchange.receive()
    exchange.connection.sendall(b"HTTP/1.1 20")


def accepted_with_cut_json(exchange: Exchange) -> None:
    """Accept, then break off within the announced answer."""
    exchange.receive()
    exchange.answer("201 Created", ACCEPTED_ANSWER[:20], announced=len(ACCEPTED_ANSWER))


def accepted_with_html(exchange: Exchange) -> None:
    """Accept with an answer that is not JSON."""
    exchange.receive()
    exchange.answer("201 Created", b"<html>Created</html>")


def early_413(exchange: Exchange) -> None:
    """Refuse for size before the body was read, then drain and close."""
    exchange.answer("413 Payload Too Large", b'{"message": "too large"}')
    exchange.connection.shutdown(socket.SHUT_WR)
    discard(exchange.connection)


def early_413_cut_off(exchange: Exchange) -> None:
    """Refuse for size before the body was read; the answer's body never arrives."""
    exchange.answer("413 Payload Too Large", b"", announced=24)
    exchange.connection.shutdown(socket.SHUT_WR)
    discard(exchange.connection)


def early_429(exchange: Exchange) -> None:
    """Refuse for the number of jobs before the body was read, then drain and close."""
    exchange.answer("429 Too Many Requests", b'{"statusCode": 429, "message": "limit of 2"}')
    exchange.connection.shutdown(socket.SHUT_WR)
    discard(exchange.connection)


def internal_error(exchange: Exchange) -> None:
    """Fail after the whole body."""
    exchange.receive()
    exchange.answer("500 Internal Server Error", b"", "Connection: close")


def moved(exchange: Exchange) -> None:
    """Redirect after the whole body."""
    exchange.receive()
    exchange.answer("301 Moved Permanently", b"", "Location: http://127.0.0.1:1/")


def unauthorised(exchange: Exchange) -> None:
    """Refuse the token after the whole body."""
    exchange.receive()
    exchange.answer("401 Unauthorized", b'{"message": "token validation failed"}')


def unauthorised_with_an_old_token(exchange: Exchange) -> None:
    """Refuse every token but the fresh one."""
    if "Bearer fresh" in exchange.head:
        accepted(exchange)
    else:
        unauthorised(exchange)


def accepted(exchange: Exchange) -> None:
    """Behave."""
    exchange.receive()
    exchange.answer("201 Created", ACCEPTED_ANSWER)


def accepted_and_left_open(exchange: Exchange) -> None:
    """Behave, keep the connection, and never listen to it again."""
    accepted(exchange)
    exchange.linger()


def discard(connection: socket.socket) -> None:
    """Read and throw away what is still coming."""
    while connection.recv(RECEIVE_BYTES):
        pass
