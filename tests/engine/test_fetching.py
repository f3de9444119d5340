"""Fetching over real HTTP and TLS: what is kept, what is refused, what is left behind."""

import datetime as dt
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pytest_django import Settings
from pytest_httpserver import HTTPServer

from conversations.addresses import Target
from conversations.engine import audio, fetching, network
from conversations.engine.fetching import FetchRefused
from tests.engine.support import stored_files

HOST = "media.example.lan"


@pytest.fixture(autouse=True)
def allowed_host(settings: Settings) -> None:
    settings.ENGINE_FETCH_HOSTS = [HOST]


def here(host: str, port: int) -> list[str]:
    """Say of the one host that it is this computer, which no name server does."""
    assert host == HOST
    return ["127.0.0.1"]


def refusal(url: str, folder: Path, **options: object) -> str:
    """Return why the fetch was refused, having seen that nothing is left of it."""
    with pytest.raises(FetchRefused) as caught:
        fetching.fetch(url, **({"resolve": here} | options))  # type: ignore[arg-type]
    assert stored_files(folder) == []
    return caught.value.reason


def address(server: HTTPServer, path: str = "/weekly.mp3") -> str:
    return f"http://{HOST}:{server.port}{path}"


@contextmanager
def answering(*pieces: bytes) -> Iterator[str]:
    """Serve one connection with these bytes, then close it; yield the address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                for piece in pieces:
                    connection.sendall(piece)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://{HOST}:{listener.getsockname()[1]}/weekly.mp3"
        thread.join()


def test_a_recording_is_kept_byte_for_byte(httpserver: HTTPServer, tmp_path: Path) -> None:
    body = bytes(range(256)) * 4096
    httpserver.expect_request("/weekly.mp3").respond_with_data(body, content_type="audio/mpeg")
    told: list[int] = []
    name = fetching.fetch(address(httpserver), told.append, resolve=here)
    assert audio.path_of(name).read_bytes() == body
    assert told == sorted(told)
    assert (told[0], 0 < told[-1] <= len(body)) == (0, True)


def test_the_request_asks_for_the_file_as_it_is(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/").respond_with_data(b"sound")
    httpserver.expect_request("/café menu.mp3").respond_with_data(b"sound")
    fetching.fetch(address(httpserver, ""), resolve=here)
    fetching.fetch(address(httpserver, "/café%20menu.mp3?key=a%2Fb&t=é#part"), resolve=here)
    (_, bare), (_, asked) = ((answer, request) for request, answer in httpserver.log)
    assert bare.path == "/"
    assert asked.query_string == b"key=a%2Fb&t=%C3%A9"
    assert asked.headers["Host"] == f"{HOST}:{httpserver.port}"
    assert asked.headers["Accept-Encoding"] == "identity"


def test_the_host_is_named_as_it_was_checked(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/weekly.mp3").respond_with_data(b"sound")
    fetching.fetch(f"http://MEDIA.Example.lan.:{httpserver.port}/weekly.mp3", resolve=here)
    ((asked, _),) = httpserver.log
    assert asked.headers["Host"] == f"{HOST}:{httpserver.port}"


@pytest.mark.parametrize(
    ("target", "header"),
    [
        (Target("https", HOST, 443), HOST),
        (Target("http", HOST, 80), HOST),
        (Target("http", HOST, 443), f"{HOST}:443"),
        (Target("https", "::1", 443), "[::1]"),
        (Target("http", "::1", 8000), "[::1]:8000"),
    ],
)
def test_the_host_header_names_only_an_unusual_port(target: Target, header: str) -> None:
    assert network.host_header(target) == header


def test_the_host_is_resolved_once_and_every_number_is_tried(httpserver: HTTPServer) -> None:
    asked: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        # Nobody listens at the first: the server is at 127.0.0.1 alone.
        return ["127.0.0.9", "127.0.0.1"]

    httpserver.expect_request("/weekly.mp3").respond_with_data(b"sound")
    name = fetching.fetch(address(httpserver), resolve=resolve)
    assert audio.path_of(name).read_bytes() == b"sound"
    assert asked == [HOST]


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://example.org/a.mp3", "The address must begin with https://."),
        ("https://127.0.0.1/a.mp3", "The address must name a host, not a number."),
        (
            "https://inside.example.org/a.mp3",
            "The address names a host that is not on the public internet.",
        ),
    ],
)
def test_an_address_that_may_not_be_asked_is_not_asked(
    tmp_path: Path, url: str, reason: str
) -> None:
    assert refusal(url, tmp_path, resolve=lambda host, port: ["10.0.0.1"]) == reason


def test_a_host_that_cannot_be_found_is_told(tmp_path: Path) -> None:
    def resolve(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    reason = refusal("https://missing.example.org/a.mp3", tmp_path, resolve=resolve)
    assert reason == "The address names a host that cannot be found."


def test_a_host_that_does_not_listen_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert refusal(f"http://{HOST}:{port}/a", tmp_path) == "The address could not be reached."


@pytest.mark.parametrize(
    ("status", "headers", "reason"),
    [
        (
            302,
            {"Location": "http://127.0.0.1/"},
            "The address redirects; use the address of the file itself.",
        ),
        (304, {}, "The address redirects; use the address of the file itself."),
        (404, {}, "The address answers 404 instead of the file."),
        (206, {}, "The address answers 206 instead of the file."),
        (
            200,
            {"Content-Type": "Text/HTML; charset=utf-8"},
            "The address leads to a web page, not to a recording.",
        ),
    ],
)
def test_an_answer_that_is_no_recording_is_refused(
    httpserver: HTTPServer, tmp_path: Path, status: int, headers: dict[str, str], reason: str
) -> None:
    httpserver.expect_request("/weekly.mp3").respond_with_data(
        b"no sound", status=status, headers=headers
    )
    assert refusal(address(httpserver), tmp_path) == reason
    assert len(httpserver.log) == 1


HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


def test_chunks_are_put_together(tmp_path: Path) -> None:
    with answering(CHUNKED, b"5\r\nsound\r\n", b"3\r\n...\r\n0\r\n\r\n") as url:
        name = fetching.fetch(url, resolve=here)
    assert audio.path_of(name).read_bytes() == b"sound..."


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (HEAD + b"Content-Length: 9\r\n\r\nsound", "The connection to the address broke off."),
        (CHUNKED + b"5\r\nsound\r\n", "The connection to the address broke off."),
        (HEAD, "The connection to the address broke off."),
        (b"SSH-2.0-server\r\n", "The connection to the address broke off."),
        (b"", "The connection to the address broke off."),
        (HEAD + b"\r\nsound", "The address does not say how long the file is."),
        (HEAD + b"Content-Length: 0\r\n\r\n", "The file at the address is empty."),
        (HEAD + b"Content-Length: 1048577\r\n\r\n", "The recording is larger than 1 MB."),
        (
            CHUNKED + b"100001\r\n" + b"x" * 0x100001 + b"\r\n",
            "The recording is larger than 1 MB.",
        ),
    ],
)
def test_what_is_not_a_whole_file_within_the_limit_is_refused(
    settings: Settings, tmp_path: Path, answer: bytes, reason: str
) -> None:
    settings.MAX_RECORDING_BYTES = 1024**2
    with answering(answer) as url:
        assert refusal(url, tmp_path) == reason


def test_a_fetch_ends_after_an_hour_however_little_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "LEAST_BYTES_PER_SECOND", 0)
    # Every look at the clock is twenty minutes later than the one before.
    clock = (20.0 * 60 * step for step in count())
    with answering(CHUNKED, b"5\r\nsound\r\n") as url:
        reason = refusal(url, tmp_path, clock=lambda: next(clock))
    assert reason == "The address did not send the file in time."


def paced(bytes_per_second: int) -> dict[str, object]:
    """Return options of a fetch whose clock has the bytes come at this pace."""
    told = [0]
    return {"on_bytes": told.append, "clock": lambda: told[-1] / bytes_per_second}


def test_a_slow_address_is_given_up_after_a_minute(httpserver: HTTPServer, tmp_path: Path) -> None:
    httpserver.expect_request("/weekly.mp3").respond_with_data(b"x" * 8 * 1024**2)
    reason = refusal(address(httpserver), tmp_path, **paced(64 * 1024 - 1))
    assert reason == "The address sends the file too slowly: less than 64 KB a second."


def test_an_address_that_falls_silent_between_bytes_is_given_up(tmp_path: Path) -> None:
    # Every look at the clock is 29 seconds later than the one before.
    clock = (29.0 * step for step in count())
    with answering(CHUNKED, *[b"1\r\nx\r\n"] * 3) as url:
        reason = refusal(url, tmp_path, clock=lambda: next(clock))
    assert reason == "The address sends the file too slowly: less than 64 KB a second."


def test_a_large_file_may_take_its_time(httpserver: HTTPServer) -> None:
    body = b"x" * 12 * 1024**2
    httpserver.expect_request("/weekly.mp3").respond_with_data(body)
    options = paced(64 * 1024)
    name = fetching.fetch(address(httpserver), resolve=here, **options)  # type: ignore[arg-type]
    assert audio.path_of(name).stat().st_size == len(body)


def test_a_full_disk_is_told(httpserver: HTTPServer, settings: Settings, tmp_path: Path) -> None:
    settings.ENGINE_DATA_DIR = tmp_path / "file"
    settings.ENGINE_DATA_DIR.write_bytes(b"in the way")
    httpserver.expect_request("/weekly.mp3").respond_with_data(b"sound")
    reason = refusal(address(httpserver), tmp_path)
    assert reason == "The recording could not be stored: is the disk full?"


class Unwanted(Exception):
    pass


def test_whoever_watches_may_end_the_fetch(httpserver: HTTPServer, tmp_path: Path) -> None:
    def watch(done: int) -> None:
        if done:
            raise Unwanted

    httpserver.expect_request("/weekly.mp3").respond_with_data(b"x" * 1024**2)
    with pytest.raises(Unwanted):
        fetching.fetch(address(httpserver), watch, resolve=here)
    assert stored_files(tmp_path) == []


def certificate(folder: Path, host: str) -> Path:
    """Write a certificate of `host` that vouches for itself, with its key, into one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{host}.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def https(tmp_path: Path) -> Iterator[Callable[[str], tuple[str, ssl.SSLContext]]]:
    """Return a function that serves a recording as `host`: its address, and who trusts it."""
    servers: list[HTTPServer] = []

    def serve(host: str) -> tuple[str, ssl.SSLContext]:
        path = certificate(tmp_path, host)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        server = HTTPServer(ssl_context=context)
        server.start()
        servers.append(server)
        server.expect_request("/weekly.mp3").respond_with_data(b"sound")
        url = f"https://{HOST}:{server.port}/weekly.mp3"
        return url, ssl.create_default_context(cadata=path.read_text())

    yield serve
    for server in servers:
        server.stop()


def test_tls_is_spoken_with_the_name_of_the_host(
    https: Callable[[str], tuple[str, ssl.SSLContext]],
) -> None:
    url, trusting = https(HOST)
    name = fetching.fetch(url, resolve=here, tls=trusting)
    assert audio.path_of(name).read_bytes() == b"sound"


def test_the_certificate_of_another_host_is_refused(
    https: Callable[[str], tuple[str, ssl.SSLContext]], tmp_path: Path
) -> None:
    url, trusting = https("other.example.lan")
    assert refusal(url, tmp_path, tls=trusting) == "The address has no valid certificate."


def test_a_certificate_that_nobody_vouches_for_is_refused(
    https: Callable[[str], tuple[str, ssl.SSLContext]], tmp_path: Path
) -> None:
    url, _ = https(HOST)
    assert refusal(url, tmp_path) == "The address has no valid certificate."
