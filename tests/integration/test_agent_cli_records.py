"""`helpdesk records`, and what erasing a customer does to records."""

import json
from pathlib import Path

import pytest
from helpdesk.aws import clients
from helpdesk.aws.records import DynamoRecords
from helpdesk.ticket import Agent, Customer

from tests.integration.test_agent_cli import Desk, desk  # noqa: F401 -- a fixture

ROWS = (
    "customer,number,status,placed_on,tracking,street\n"
    "kim@x.example,1001,shipped,2026-02-20,https://track.example/1,Main Street 1\n"
    "kim@x.example,1002,delivered,2026-01-02,,\n"
    "lee@x.example,2001,placed,2026-02-01,,\n"
)
KIM = Customer(email="kim@x.example")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "orders.csv"
    path.write_text(ROWS)
    return path


@pytest.fixture
def records(desk: Desk) -> DynamoRecords:  # noqa: F811
    return DynamoRecords(clients.table(desk.stack.outputs["RecordsTable"]), lambda: desk.now)


def test_a_dry_run_keeps_nothing_and_an_import_all(
    desk: Desk,  # noqa: F811
    file: Path,
    records: DynamoRecords,
) -> None:
    tried = desk.run("records", "import", str(file), "--dry-run")
    assert (tried.exit_code, records.kept()) == (0, False)
    assert "left out, because they are not kept: street" in tried.stderr

    assert desk.json("records", "import", str(file), "--yes") == {
        "customers": 2,
        "orders": 3,
        "left_out": ["street"],
        "done": True,
    }
    assert records.kept()
    assert [each.number for each in records.orders(KIM)] == ["1001", "1002"]


def test_a_lead_looks_at_one_customer(desk: Desk, file: Path) -> None:  # noqa: F811
    desk.run("records", "import", str(file), "--yes")
    shown = desk.json("records", "show", "KIM@x.example")

    assert shown["customer"] == "email:kim@x.example"
    assert [order["number"] for order in shown["orders"]] == ["1001", "1002"]
    assert "https://track.example/1" in desk.run("records", "show", "kim@x.example").stdout
    assert desk.run("records", "show", "bea@x.example").exit_code == 3


def test_a_faulty_file_keeps_nothing_and_names_its_lines(
    desk: Desk,  # noqa: F811
    file: Path,
    records: DynamoRecords,
) -> None:
    file.write_text(ROWS + "lee@x.example,2002,placed,soon,,\n")
    run = desk.run("records", "import", str(file), "--yes")

    assert (run.exit_code, records.kept()) == (2, False)
    assert "line 5: placed_on: not a day such as 2026-03-02" in run.stderr


def test_a_customer_is_forgotten_and_no_other(
    desk: Desk,  # noqa: F811
    file: Path,
    records: DynamoRecords,
) -> None:
    desk.run("records", "import", str(file), "--yes")

    assert desk.run("records", "forget", "kim@x.example", "--yes").exit_code == 0
    assert records.orders(KIM) == ()
    assert len(records.orders(Customer(email="lee@x.example"))) == 1
    assert desk.run("records", "forget", "kim@x.example", "--yes").exit_code == 3


def test_only_leads_do_any_of_it(desk: Desk, file: Path) -> None:  # noqa: F811
    desk.knowledge.put_agent(Agent("bob"))

    for words in (("import", str(file)), ("forget", "kim@x.example")):
        assert desk.run("records", *words, "--yes", agent="bob").exit_code == 4
    assert desk.run("records", "show", "kim@x.example", agent="bob").exit_code == 4


@pytest.mark.parametrize("tickets", [0, 1])
def test_erasing_a_customer_erases_the_records(
    desk: Desk,  # noqa: F811
    file: Path,
    records: DynamoRecords,
    tickets: int,
) -> None:
    desk.run("records", "import", str(file), "--yes")
    for number in range(tickets):
        desk.escalated(number + 1, email="kim@x.example")

    assert desk.run("ticket", "erase", "--customer", "kim@x.example", "--yes").exit_code == 0
    assert records.orders(KIM) == ()
    assert desk.run("ticket", "erase", "--customer", "kim@x.example", "--yes").exit_code == 3


def test_a_lead_hands_the_records_over_with_the_tickets(
    desk: Desk,  # noqa: F811
    file: Path,
    tmp_path: Path,
) -> None:
    desk.run("records", "import", str(file), "--yes")
    desk.escalated(1, email="kim@x.example")
    asked = ("customer", "export", "kim@x.example", "--to")

    assert desk.run(*asked, str(tmp_path / "kim"), "--records").exit_code == 0
    (held,) = json.loads((tmp_path / "kim" / "records.json").read_text())
    assert [order["number"] for order in held["orders"]] == ["1001", "1002"]
    assert desk.run(*asked, str(tmp_path / "plain")).exit_code == 0
    assert not (tmp_path / "plain" / "records.json").exists()
    desk.knowledge.put_agent(Agent("bob"))
    refused = desk.run(*asked, str(tmp_path / "bob"), "--records", agent="bob")
    assert refused.exit_code == 4
