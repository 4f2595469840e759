"""An order through the real functions: told to its customer alone, and gone with its owner."""

import json
from pathlib import Path
from typing import Any
from unittest import mock

import boto3
import pytest
from helpdesk.aws.records import DynamoRecords
from helpdesk.knowledge import Lookup, StatusAnswer, shipped
from helpdesk.records import RecordsUnavailableError
from helpdesk.tracking import UNKNOWN
from helpdesk.triage import Entity
from helpdesk.understanding.entities import PATTERNS

from tests.fakes import ScriptedUnderstander, an_article, an_understanding
from tests.integration.conftest import PUBLIC_KEY, SERVER_KEY, Stack, load, understand_with
from tests.integration.test_agent_cli import Desk, desk  # noqa: F401 -- a fixture
from tests.integration.test_intake import Gateway
from tests.integration.test_privacy import Sinks, sinks  # noqa: F401 -- a fixture
from tests.integration.test_worker import record

EMAIL, OTHER = "quillfeather@zanzibar.example", "lee@zanzibar.example"
MINE, THEIRS, NONE = "ZB-48213", "ZB-90001", "ZB-77777"
LINK = "https://track.example/zanzibar-48213"
TELLS = StatusAnswer(
    status="shipped", answer="Order {number}, {items}, is with {carrier}: {tracking}"
)
ARTICLE = an_article("track_order", needs=Lookup.ORDER, by_status=(TELLS,))
MARKERS = ("zanzibar", "quillfeather", "48213", "90001", "77777", "papaya press", "Mangopost")
ROWS = f"""customer,number,status,tracking,carrier,items,street
{EMAIL},{MINE},shipped,{LINK},Mangopost,Papaya press,Zanzibar Street 1
{OTHER},{THEIRS},shipped,https://track.example/lee,Mangopost,Lamp,Zanzibar Street 2
"""


def question(number: str) -> str:
    return f"Where is my order {number}?"


class Reader(ScriptedUnderstander):
    """Takes every text for a question about an order, with its number."""

    def understand(self, text: str) -> Any:
        found = tuple(
            Entity(kind, str(value(match)), *match.span(), match[0])
            for kind, pattern, value in PATTERNS
            if kind == "order_number"
            for match in pattern.finditer(text)
        )
        return an_understanding(("track_order", 0.9), model="v1/full", entities=found[:1])


class House:
    """A desk with records of two customers."""

    def __init__(self, template: dict[str, Any], stack: Stack, at_desk: Desk, folder: Path) -> None:
        self.stack, self.desk = stack, at_desk
        self.door = Gateway(load(template, stack, "IntakeFunction"), key_id=SERVER_KEY)
        self.page = Gateway(self.door.function, key_id=PUBLIC_KEY)
        self.worker = load(template, stack, "WorkerFunction")
        understand_with(self.worker, lambda: Reader({}))
        at_desk.knowledge.put(ARTICLE)
        file = folder / "orders.csv"
        file.write_text(ROWS)
        assert at_desk.run("records", "import", str(file), "--yes").exit_code == 0

    def ask(self, number: str, email: str = EMAIL, *, page: bool = False) -> dict[str, Any]:
        """Ask, let the worker look at it, and return what the customer fetches."""
        door = self.page if page else self.door
        said = {"text": question(number), "customer": {"email": email}}
        receipt = door.submit(said).body
        self.worker({"Records": [record("m", json.dumps({"ticket": receipt["id"]}), 1)]})
        body: dict[str, Any] = door.fetch(receipt["id"], receipt["token"]).body
        return body

    def items(self, table: str) -> list[dict[str, Any]]:
        return list(boto3.resource("dynamodb").Table(self.stack.outputs[table]).scan()["Items"])


@pytest.fixture
def house(
    template: dict[str, Any],
    stack: Stack,
    desk: Desk,  # noqa: F811
    tmp_path: Path,
) -> House:
    return House(template, stack, desk, tmp_path)


def last(body: dict[str, Any]) -> str:
    text: str = body["messages"][-1]["text"]
    return text


def test_only_its_customer_is_told_an_order(house: House) -> None:
    assert last(house.ask(MINE)) == f"Order {MINE}, Papaya press, is with Mangopost: {LINK}"
    theirs, none = house.ask(THEIRS), house.ask(NONE)
    assert last(theirs) == last(none) == shipped()[UNKNOWN]
    assert theirs["status"] == none["status"] == "asked"
    assert last(house.ask(MINE, page=True)) == ARTICLE.answer, "a page proves no address"


def test_records_that_are_down_hand_over_and_the_cause_is_told(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    down = RecordsUnavailableError("the table of records: ClientError")
    with mock.patch.object(DynamoRecords, "orders", side_effect=down):
        body = house.ask(MINE)

    assert (body["status"], body["reason"]) == ("escalated", "lookup_failed")
    said = capsys.readouterr().out
    assert "the table of records: ClientError" in said
    assert "LookupFailures" in said


def test_no_word_is_where_it_does_not_belong(
    house: House,
    sinks: Sinks,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Logs, metrics, queues, URLs and headers hold ids; the table of records no address."""
    capsys.readouterr()
    for number in (MINE, THEIRS, NONE):
        house.ask(number)
    said = "".join(capsys.readouterr())

    def found(text: str) -> list[str]:
        return [each for each in MARKERS if each.casefold() in text.casefold()]

    assert "answered" in said, "the search would have found it"
    assert not found(said)
    assert not found("\n".join([*sinks.queues, *sinks.urls, *sinks.headers]))
    kept = repr(house.items("RecordsTable"))
    assert MINE in kept
    assert not [each for each in (EMAIL, OTHER, "quillfeather", "Street") if each in kept]


def test_who_is_erased_is_erased_from_the_records(house: House) -> None:
    house.ask(MINE)

    assert house.desk.run("ticket", "erase", "--customer", EMAIL, "--yes").exit_code == 0
    left = repr(house.items("RecordsTable") + house.items("TicketsTable"))
    assert [each for each in (MINE, LINK, EMAIL, "Papaya") if each in left] == []
    assert THEIRS in left
