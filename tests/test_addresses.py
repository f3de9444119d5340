"""Addresses that may be asked and those that never are, and what is said of them."""

import pytest

from conversations.addresses import (
    RefusedAddress,
    Target,
    check_shape,
    check_url,
    check_webhook,
    is_public,
)

URL = "https://media.example.org/weekly.mp3"
NUMBER = "must name a host, not a number."
PRIVATE = "names a host that is not on the public internet."
INCOMPLETE = "is not complete: it must look like https://host/file."
CHARACTERS = "contains a space, a backslash or an unprintable character."


def shape_refusal(url: str) -> str:
    with pytest.raises(RefusedAddress) as caught:
        check_shape(url, ())
    return str(caught.value)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        (URL, "media.example.org"),
        ("HTTPS://Media.Example.ORG./weekly.mp3", "media.example.org"),
        ("https://media.example.org:443/", "media.example.org"),
        ("https://xn--bcher-kva.example/a?b=c#d", "xn--bcher-kva.example"),
        ("https://media.example.org/weekly meeting.mp3".replace(" ", "%20"), "media.example.org"),
        ("https://media.example.org/café.mp3", "media.example.org"),
        ("https://internal.example.org/a", "internal.example.org"),
    ],
)
def test_a_public_address_is_accepted(url: str, host: str) -> None:
    assert check_shape(url, ()) == Target("https", host, 443)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "must begin with https://."),
        ("media.example.org/a.mp3", "must begin with https://."),
        ("http://media.example.org/a.mp3", "must begin with https://."),
        ("file:///etc/passwd", "must begin with https://."),
        ("https://", INCOMPLETE),
        ("https:///a.mp3", INCOMPLETE),
        ("https://[::1/a.mp3", INCOMPLETE),
        ("https://media.example.org:port/", INCOMPLETE),
        ("https://media.example.org:8443/", "must not name another port than 443."),
        ("https://media.example.org:0/", "must not name another port than 443."),
        ("https://me@media.example.org/", "must not contain a user name or password."),
        ("https://me:secret@media.example.org/", "must not contain a user name or password."),
        ("https://media.example.org\\@127.0.0.1/", CHARACTERS),
        ("https://media.example.org/a b", CHARACTERS),
        ("https://media.exam\tple.org/", CHARACTERS),
        (" https://media.example.org/", CHARACTERS),
        ("https://localhost/", PRIVATE),
        ("https://api.localhost/", PRIVATE),
        ("https://metadata.google.internal/", PRIVATE),
        ("https://printer.local/", PRIVATE),
        ("https://printer.local./", PRIVATE),
        ("https://router.home.arpa/", PRIVATE),
        ("https://intranet/", PRIVATE),
        ("https://127.0.0.1/", NUMBER),
        ("https://8.8.8.8/", NUMBER),
        ("https://127.1/", NUMBER),
        ("https://127.0.0.1./", NUMBER),
        ("https://2130706433/", NUMBER),
        ("https://0x7f000001/", NUMBER),
        ("https://0x7f.1/", NUMBER),
        ("https://0177.0.0.1/", NUMBER),
        ("https://[::1]/", NUMBER),
        ("https://[::ffff:127.0.0.1]/", NUMBER),
        ("https://[2606:4700::1111]/", NUMBER),
        (
            "https://bücher.example/",
            "has a host name with other characters than a to z, 0 to 9 and hyphens; "
            "write it in its xn-- form.",
        ),
        (
            "https://\uff11\uff12\uff17.\uff10.\uff10.\uff11/",
            "has a host name with other characters than a to z, 0 to 9 and hyphens; "
            "write it in its xn-- form.",
        ),
        (
            "https://\N{KELVIN SIGN}iel.example.org/",
            "has a host name with other characters than a to z, 0 to 9 and hyphens; "
            "write it in its xn-- form.",
        ),
        (f"https://media.example.org/{'x' * 2000}", "is too long: 2,000 characters are the limit."),
    ],
)
def test_any_other_address_is_refused_in_words(url: str, reason: str) -> None:
    assert shape_refusal(url) == reason


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("http://media.example.lan/a", Target("http", "media.example.lan", 80)),
        ("https://MEDIA.example.lan:8443/a", Target("https", "media.example.lan", 8443)),
        ("http://127.0.0.1:9000/a", Target("http", "127.0.0.1", 9000)),
        ("http://[::1]/a", Target("http", "::1", 80)),
    ],
)
def test_an_allowed_host_may_be_anything(url: str, target: Target) -> None:
    allowed = ["Media.example.lan", "127.0.0.1", "[::1]"]
    assert check_shape(url, allowed) == target


def test_an_allowed_host_allows_neither_its_neighbours_nor_a_user_name() -> None:
    with pytest.raises(RefusedAddress):
        check_shape("http://a.media.example.lan/", ["media.example.lan"])
    with pytest.raises(RefusedAddress):
        check_shape("http://media.example.lan@example.org/", ["media.example.lan"])


@pytest.mark.parametrize(
    "number",
    [
        "0.0.0.0",  # noqa: S104 - refused here
        "10.0.0.1",
        "100.64.0.1",
        "127.0.0.1",
        "127.8.8.8",
        "169.254.169.254",
        "172.16.0.1",
        "192.0.2.1",
        "192.168.1.1",
        "198.18.0.1",
        "224.0.0.1",
        "239.1.1.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "100::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:db8::1",
        "2002:7f00:1::",
        "fc00::1",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
    ],
)
def test_a_number_that_is_not_public_is_refused(number: str) -> None:
    assert not is_public(number)
    with pytest.raises(RefusedAddress, match=r"names a host that is not on the public internet\."):
        check_url(URL, allowed_hosts=(), resolve=lambda host, port: ["93.184.216.34", number])


@pytest.mark.parametrize("number", ["93.184.216.34", "8.8.8.8", "2606:4700:4700::1111"])
def test_a_public_number_is_accepted(number: str) -> None:
    found = check_url(URL, allowed_hosts=(), resolve=lambda host, port: [number])
    assert found == Target("https", "media.example.org", 443, (number,))


def test_the_host_of_the_address_is_what_is_resolved() -> None:
    asked: list[tuple[str, int]] = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append((host, port))
        return ["10.0.0.7"]

    found = check_url(
        "http://MEDIA.example.lan:8080/a", allowed_hosts=["media.example.lan"], resolve=resolve
    )
    assert found == Target("http", "media.example.lan", 8080, ("10.0.0.7",))
    assert asked == [("media.example.lan", 8080)]


def unknown_host(host: str, port: int) -> list[str]:
    raise OSError(-2, "Name or service not known")


@pytest.mark.parametrize("resolve", [unknown_host, lambda host, port: []])
def test_a_host_that_cannot_be_found_is_refused(resolve: object) -> None:
    with pytest.raises(RefusedAddress, match=r"names a host that cannot be found\."):
        check_url(URL, allowed_hosts=(), resolve=resolve)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost/hook",
        "https://localhost:8443/hook",
        "http://127.0.0.1:8000/hook",
        "http://127.9.9.9/hook",
        "http://[::1]:8000/hook",
        "https://hooks.example.org/hook",
        "http://HOOKS.example.org:81/hook",
    ],
)
def test_a_webhook_may_be_here_or_at_an_allowed_host(url: str) -> None:
    check_webhook(url, ["hooks.example.org"])


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/hook",
        "http://api.localhost/hook",
        "http://0.0.0.0/hook",
        "http://127.1/hook",
        "http://2130706433/hook",
        "http://[::ffff:127.0.0.1]/hook",
        "http://169.254.169.254/hook",
        "http://localhost.example.org/hook",
        "http://a.hooks.example.org/hook",
    ],
)
def test_a_webhook_may_be_nowhere_else(url: str) -> None:
    reason = "must lead to this computer or to a host that the admin has allowed."
    with pytest.raises(RefusedAddress) as caught:
        check_webhook(url, ["hooks.example.org"])
    assert str(caught.value) == reason
