"""Posts to a real server on this machine: what it answers, how long it takes, where it may be."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from helpdesk.notifying import LaterError, RefusedError, Request
from helpdesk.posting import MOST_READ, Poster, SlowError, addresses, is_public

HOST = "hooks.example"
HERE = "127.0.0.1"


@dataclass
class Receiver:
    """A server that answers with `status`; what it got is kept."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"ok"
    before: Callable[[Any], None] = lambda _: None
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    server: Any = None

    @property
    def port(self) -> int:
        return int(self.server.server_address[1])

    def url(self, scheme: str = "http", path: str = "/in?key=1") -> str:
        return f"{scheme}://{HOST}:{self.port}{path}"


@pytest.fixture
def receiver(socket_enabled: None) -> Iterator[Receiver]:
    found = Receiver()

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            read = self.rfile.read(int(self.headers["Content-Length"]))
            found.got.append((self.path, dict(self.headers), read))
            found.before(self)
            self.send_response(found.status)
            for name, value in found.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(found.body)

        def log_message(self, *_: Any) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            pass

    found.server = Quiet((HERE, 0), Answers)
    threading.Thread(target=found.server.serve_forever, daemon=True).start()
    yield found
    found.server.shutdown()
    found.server.server_close()


def poster(*where: str, trusted: str = HOST, **more: Any) -> Poster:
    found = list(where or (HERE,))
    return Poster(trusted=trusted, resolve=lambda _host, _port: found, **more)


def request(url: str) -> Request:
    return Request(url, {"webhook-id": "m-1"}, b'{"a": 1}')


def test_headers_and_bytes_arrive(receiver: Receiver) -> None:
    reply = poster().post(request(receiver.url()))

    ((path, headers, body),) = receiver.got
    assert (path, body) == ("/in?key=1", b'{"a": 1}')
    assert headers["webhook-id"] == "m-1"
    assert headers["Host"] == f"{HOST}:{receiver.port}"
    assert headers["Content-Type"] == "application/json"
    assert (reply.status, reply.body) == (200, b"ok")


def test_what_it_answers_is_handed_on_and_no_redirect_is_followed(receiver: Receiver) -> None:
    receiver.status, receiver.headers = 302, {"Location": receiver.url(path="/elsewhere")}
    assert poster().post(request(receiver.url())).status == 302
    assert [path for path, _, _ in receiver.got] == ["/in?key=1"]

    receiver.status, receiver.headers = 429, {"Retry-After": "7"}
    assert poster().post(request(receiver.url())).retry_after == "7"


def test_of_a_long_answer_only_the_begin_is_read(receiver: Receiver) -> None:
    receiver.body = b"x" * 1_000_000

    assert len(poster().post(request(receiver.url())).body) == MOST_READ


@pytest.mark.parametrize("when", ["before the status", "within the headers", "within the body"])
def test_a_slow_receiver_is_left_however_it_drips(receiver: Receiver, when: str) -> None:
    """Each byte comes in time, but not all of them. A status that was said counts."""

    def drip(at: Any) -> None:
        if when == "within the headers":
            at.wfile.write(b"HTTP/1.0 200 OK\r\n")
        if when == "within the body":
            at.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n")
        for _ in range(100):
            time.sleep(0.1)
            if when != "before the status":
                at.wfile.write(b"X")
                at.wfile.flush()

    receiver.before = drip
    started = time.monotonic()
    if when == "before the status":
        with pytest.raises(LaterError, match="took too long"):
            poster(limit=0.4).post(request(receiver.url()))
    else:
        assert poster(limit=0.4).post(request(receiver.url())).status == 200
    assert time.monotonic() - started < 5, "a hundred bytes would take ten seconds"


def test_a_server_that_is_not_there_or_hangs_up_is_tried_later(receiver: Receiver) -> None:
    with socket.socket() as free:
        free.bind((HERE, 0))
        port = free.getsockname()[1]
    with pytest.raises(LaterError, match="ConnectionRefusedError"):
        poster().post(request(f"http://{HOST}:{port}/"))

    receiver.before = lambda at: at.connection.shutdown(socket.SHUT_RDWR)
    with pytest.raises(LaterError):
        poster().post(request(receiver.url()))


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example/",
        "ftp://hooks.example/",
        "https://ada:pw@hooks.example/",
        "https://hooks.example:0/",
        "https://hooks.example:99999/",
        "https:///in",
        "https://[::1/",
        "hooks.example",
        "",
    ],
)
def test_only_an_address_over_tls_without_a_password_is_taken(url: str) -> None:
    with pytest.raises(RefusedError):
        poster("93.184.215.14", trusted="").post(request(url))


PRIVATE = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",  # noqa: S104 -- an address to refuse
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "192.0.2.1",
    "::1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fd00::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b::7f00:1",
    "2002:7f00:1::1",
    "2001:0:5ef5:79fd:380f:1234:80ff:fffe",
    "2001:db8::1",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_no_post_goes_to_an_address_of_a_private_network(address: str) -> None:
    """Also where it is hidden in another one, or is one of several."""
    assert not is_public(address)
    for found in ([address], ["93.184.215.14", address]):
        with pytest.raises(RefusedError, match="private network"):
            poster(*found, trusted="").post(request(f"https://{HOST}/"))


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_the_internet_is_public(address: str) -> None:
    assert is_public(address)


def test_the_connection_goes_to_the_address_that_was_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A name that answers differently the second time leads nowhere else."""
    asked: list[str] = []
    reached: list[Any] = []

    def resolve(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["93.184.215.14"] if len(asked) == 1 else [HERE]

    def connect(address: Any, *_: Any) -> None:
        reached.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(LaterError):
        Poster(resolve=resolve).post(request(f"https://{HOST}/"))

    assert (asked, reached) == ([HOST], [("93.184.215.14", 443)])


@pytest.mark.parametrize("fault", [OSError("no such name"), UnicodeError("label too long")])
def test_a_name_that_is_not_known_is_tried_later(fault: Exception) -> None:
    def resolve(_host: str, _port: int) -> list[str]:
        raise fault

    with pytest.raises(LaterError, match="name is not known"):
        Poster(resolve=resolve).post(request(f"https://{HOST}/"))
    with pytest.raises(LaterError, match="no address"):
        Poster(resolve=lambda *_: []).post(request(f"https://{HOST}/"))


def test_only_the_host_that_stands_for_aws_may_be_here(receiver: Receiver) -> None:
    with pytest.raises(RefusedError, match="https"):
        poster(trusted="other.example").post(request(receiver.url()))
    with pytest.raises(RefusedError, match="private network"):
        poster(trusted="other.example").post(request(receiver.url("https")))


def test_numbers_are_addresses_already(socket_enabled: None) -> None:
    assert addresses(HERE, 443) == [HERE]


def certificate(folder: Path, name: str) -> Path:
    """Write a certificate of a server with its key; return the file."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.DNSName(name), x509.IPAddress(ip_address("::2"))])
    signed = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.mark.parametrize("name", [HOST, "other.example"])
def test_the_server_must_prove_the_name_that_was_given(
    receiver: Receiver, tmp_path: Path, name: str
) -> None:
    path = certificate(tmp_path, name)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    receiver.server.socket = server.wrap_socket(receiver.server.socket, server_side=True)
    tls = ssl.create_default_context(cafile=str(path))

    if name == HOST:
        assert poster(tls=tls).post(request(receiver.url("https"))).status == 200
        return
    with pytest.raises(LaterError, match="SSLCertVerificationError"):
        poster(tls=tls).post(request(receiver.url("https")))
    assert receiver.got == []


def test_a_handshake_that_never_ends_is_left(socket_enabled: None) -> None:
    with socket.create_server((HERE, 0)) as mute:
        url = f"https://{HOST}:{mute.getsockname()[1]}/"
        with pytest.raises(LaterError, match=r"took too long|TimeoutError"):
            poster(limit=0.4).post(request(url))


def near(*found: str, **more: Any) -> Poster:
    return Poster(private=True, resolve=lambda _host, _port: list(found), **more)


def test_a_network_of_ones_own_may_be_posted_to_where_that_is_allowed(receiver: Receiver) -> None:
    assert near(HERE).post(request(receiver.url())).body == b"ok"


@pytest.mark.parametrize("address", ["169.254.169.254", "fe80::1%eth0", "::ffff:169.254.169.254"])
def test_an_address_of_a_link_is_no_network_of_ones_own(address: str) -> None:
    with pytest.raises(RefusedError, match="link"):
        near(HERE, address).post(request(f"https://{HOST}/"))


def test_the_internet_is_not_posted_to_in_the_clear() -> None:
    with pytest.raises(RefusedError, match="https://"):
        near(HERE, "93.184.215.14").post(request(f"http://{HOST}/"))


def test_an_answer_that_must_be_whole_is_read_to_its_end_or_refused(receiver: Receiver) -> None:
    receiver.body = b"x" * 10_000
    assert len(near(HERE, whole=10_000).post(request(receiver.url())).body) == 10_000
    with pytest.raises(RefusedError, match="too long"):
        near(HERE, whole=9_999).post(request(receiver.url()))

    receiver.headers = {"Content-Length": "10001"}
    with pytest.raises(LaterError, match="IncompleteRead"):
        near(HERE, whole=20_000).post(request(receiver.url()))


def test_an_answer_that_must_be_whole_and_drips_is_slow(receiver: Receiver) -> None:
    def drip(at: Any) -> None:
        at.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n")
        for _ in range(100):
            time.sleep(0.1)
            at.wfile.write(b"X")
            at.wfile.flush()

    receiver.before = drip
    with pytest.raises(SlowError):
        near(HERE, whole=1_000, limit=0.4).post(request(receiver.url()))
