"""Records of another system, over a real server on this machine."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from helpdesk.composition import Parts
from helpdesk.composition.records import records
from helpdesk.posting import Poster
from helpdesk.records import Order, Record, RecordsUnavailableError
from helpdesk.records_http import (
    MOST_READ,
    Address,
    AddressError,
    HttpRecords,
    Mapped,
)
from helpdesk.settings import WorkerSettings
from helpdesk.ticket import Customer

from tests.unit.test_settings import WORKER

HOST, HERE = "crm.example", "127.0.0.1"
KIM = Customer(email="kim+1@shop.example", reference="C/7")
ORDERS = [
    {"number": "#1001", "status": "SHIPPED", "placed_on": "2026-02-20", "street": "Main 1"},
    {"number": "1002", "status": "placed", "placed_on": "2026-03-01"},
]


@dataclass
class Shop:
    """A system that answers with `status` and `body`; what it was asked is kept."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = json.dumps({"orders": ORDERS, "record": {"name": "Kim", "iban": "x"}}).encode()
    before: Callable[[], None] = lambda: None
    got: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    port: int = 0

    def asked(
        self,
        path: str = "/orders?of={email}",
        line: str = "",
        where: str = HERE,
        trusted: str = HOST,
        limit: float = 2,
    ) -> HttpRecords:
        wire = Poster(trusted=trusted, resolve=lambda _h, _p: [where], limit=limit)
        address = Address.read(f"http://{HOST}:{self.port}{path}")
        return HttpRecords(address, Mapped.read(line), wire, authorization="Bearer secret")


@pytest.fixture
def shop(socket_enabled: None) -> Iterator[Shop]:
    found = Shop()

    class Answers(BaseHTTPRequestHandler):
        def answer(self) -> None:
            found.got.append((self.command, self.path, dict(self.headers)))
            found.before()
            self.send_response(found.status)
            for name, value in found.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(found.body)

        do_GET = do_POST = answer  # noqa: N815

        def log_message(self, *_: Any) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            pass

    server = Quiet((HERE, 0), Answers)
    found.port = int(server.server_address[1])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield found
    server.shutdown()
    server.server_close()


def numbers(orders: tuple[Order, ...]) -> list[str]:
    return [each.number for each in orders]


def test_orders_and_record_are_read_and_nothing_else(shop: Shop) -> None:
    records = shop.asked()

    assert numbers(records.orders(KIM)) == ["1002", "1001"]
    assert records.orders(KIM)[1].status == "shipped"
    assert records.customer(KIM) == Record(fields=(("name", "Kim"),))
    method, path, headers = shop.got[0]
    assert (method, path) == ("GET", "/orders?of=kim%2B1%40shop.example")
    assert headers["Authorization"] == "Bearer secret"


def test_one_number_is_asked_for_and_others_are_left_out(shop: Shop) -> None:
    records = shop.asked("/of/{reference}/orders/{number}")

    assert numbers(records.orders(KIM, "#1001")) == ["1001"]
    assert records.orders(KIM, "9999") == ()
    assert [path for _, path, _ in shop.got] == ["/of/C%2F7/orders/1001", "/of/C%2F7/orders/9999"]


def test_fields_are_found_where_the_setting_says(shop: Shop) -> None:
    """As a shop system of the world has them."""
    node = {
        "name": "#1001",
        "displayFulfillmentStatus": "IN_TRANSIT",
        "fulfillments": [{"trackingInfo": [{"url": "https://track.example/1"}]}],
        "customer": {"email": "Kim+1@shop.example"},
    }
    foreign = {**node, "name": "#2001", "customer": {"email": "lee@shop.example"}}
    shop.body = json.dumps({"data": {"orders": {"nodes": [node, foreign]}}}).encode()
    line = (
        "orders=data.orders.nodes number=name status=displayFulfillmentStatus "
        "tracking=fulfillments.0.trackingInfo.0.url customer=customer.email"
    )

    (order,) = shop.asked(line=line).orders(KIM)
    assert (order.number, order.status, order.tracking) == (
        "1001",
        "in_transit",
        "https://track.example/1",
    )


@pytest.mark.parametrize(
    ("status", "body"), [(404, b"no"), (410, b""), (200, b"[]"), (200, b"{}"), (200, b"null")]
)
def test_who_is_not_known_there_has_nothing(shop: Shop, status: int, body: bytes) -> None:
    shop.status, shop.body = status, body

    assert shop.asked().orders(KIM) == ()
    assert shop.asked().customer(KIM) is None


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b"kim"),
        (302, b""),
        (401, b""),
        (204, b""),
        (200, b"{"),
        (200, b"\xff"),
        (200, b"[" * 100_000),
        (200, b"x" * (MOST_READ + 1)),
        (200, b'[{"number": "1"}]'),
        (200, b'[{"number": "1", "status": "placed", "tracking": "http://kim"}]'),
    ],
)
def test_every_other_answer_is_a_failure_that_names_no_customer(
    shop: Shop, status: int, body: bytes
) -> None:
    shop.status, shop.body = status, body
    shop.headers = {"Location": f"http://{HERE}:{shop.port}/elsewhere"}

    with pytest.raises(RecordsUnavailableError) as told:
        shop.asked().orders(KIM)
    assert "kim" not in str(told.value)
    assert len(shop.got) == 1


def test_a_slow_system_is_left_after_its_time(shop: Shop) -> None:
    done = threading.Event()
    shop.before = lambda: done.wait(20) and None  # type: ignore[assignment, func-returns-value]

    with pytest.raises(RecordsUnavailableError, match="the shop's system"):
        shop.asked(limit=0.2).orders(KIM)
    done.set()


def test_the_worker_asks_the_system_that_its_settings_name(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("helpdesk.settings.EndpointSettings.host", HERE)
    for name, value in (WORKER | {
        "RECORDS_URL": f"http://{HERE}:{shop.port}/{{email}}",
        "RECORDS_FIELDS": "number=number",
        "RECORDS_AUTHORIZATION": "Bearer x",
    }).items():  # fmt: skip
        monkeypatch.setenv(name, value)
    settings = WorkerSettings.from_env()
    failed = list[Exception]()
    composed = records(settings, Parts.of_settings(settings), failed.append)

    assert numbers(composed.orders(KIM, "1001")) == ["1001"]
    assert shop.got[0][2]["Authorization"] == "Bearer x"
    assert (composed.kept(), failed) == (True, [])
    shop.status = 500
    with pytest.raises(RecordsUnavailableError):
        composed.orders(KIM)
    assert [str(each) for each in failed] == [f"the shop's system: 500, {len(shop.body)} bytes"]
    assert "Bearer" not in repr(settings)


@pytest.mark.parametrize("where", ["10.0.0.7", "169.254.169.254", "::1", "192.168.1.1"])
def test_no_address_of_a_private_network_is_asked(shop: Shop, where: str) -> None:
    secure = HttpRecords(
        Address.read("https://crm.example/{email}"),
        Mapped.read(""),
        Poster(resolve=lambda _h, _p: [where]),
    )

    with pytest.raises(RecordsUnavailableError, match="private network"):
        secure.orders(KIM)
    with pytest.raises(RecordsUnavailableError, match="https"):
        shop.asked(trusted="").orders(KIM)


@pytest.mark.parametrize(
    "principal",
    [
        Customer(email="kim@shop.example", verified=False),
        Customer(reference="C-7"),
        Customer(name="Kim"),
        Customer(email=".."),
    ],
)
def test_others_are_not_asked_for(shop: Shop, principal: Customer) -> None:
    records = shop.asked("/{email}/orders")

    assert records.orders(principal) == records.orders(principal, "1001") == ()
    assert records.customer(principal) is None
    assert shop.got == []


@pytest.mark.parametrize("number", ["..", "."])
def test_a_number_leads_to_no_other_place(shop: Shop, number: str) -> None:
    assert shop.asked("/{email}/orders/{number}").orders(KIM, number) == ()
    assert shop.got == []


@pytest.mark.parametrize(
    "template",
    [
        "https://crm.example/orders",
        "https://{email}.example/orders",
        "https://crm.example/{email}/{reference}",
        "https://crm.example/{email}/{name}",
        "https://crm.example/{email}{}",
        "file:///{email}",
    ],
)
def test_a_faulty_address_is_refused(template: str) -> None:
    with pytest.raises(AddressError):
        Address.read(template)


@pytest.mark.parametrize("line", ["street=address", "number", "number=a..b", "number=a/b"])
def test_a_faulty_mapping_is_refused(line: str) -> None:
    with pytest.raises(AddressError):
        Mapped.read(line)
