"""The agents' terminal: which keys are one customer, and everything that is kept of one."""

import json
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from helpdesk.ticket import Agent, Role

from tests.integration.conftest import Stack
from tests.integration.recorded_calls import recording
from tests.integration.test_agent_cli import Desk, desk  # noqa: F401 -- fixtures

ADDRESSES = ("ada@x.example", "ada@work.example", "ada+shop@x.example")
READS = {"dynamodb:Query", "dynamodb:BatchGetItem", "dynamodb:GetItem"}


@pytest.fixture
def forty(desk: Desk) -> set[str]:  # noqa: F811
    """Store 40 tickets of one customer over 400 days, and one of another customer."""
    desk.escalated(99, email="bob@x.example", name="Bob")
    made = set()
    for number in range(40):
        email = ADDRESSES[number % 3] if number % 4 else None
        who = {"email": email, "reference": "cust-1" if number < 12 or not email else None}
        ago = timedelta(days=10 * number, minutes=1)
        made.add(desk.escalated(number, ago=ago, name="Ada Lovelace", **who))
    return made


ANY = [*ADDRESSES, "cust-1", "ADA@X.EXAMPLE", "Ada Lovelace"]


@pytest.mark.parametrize("key", ANY)
def test_a_customer_is_found_by_any_key_without_a_scan(
    desk: Desk,  # noqa: F811
    stack: Stack,
    forty: set[str],
    key: str,
) -> None:
    """Three addresses, one reference, 40 tickets over 400 days."""
    with recording(stack) as calls:
        rows = desk.json("ticket", "list", "--customer", key, "--limit", "100")["items"]
    assert {row["id"] for row in rows} == forty
    asked = [call for call in calls if call.action.startswith("dynamodb")]
    assert {call.action for call in asked} <= READS
    assert len(asked) < 60, "so many calls, however large the table is"
    assert {call.resource for call in asked} <= {
        "TicketsTable", "TicketsTable/index/of-customer", "KnowledgeTable",
    }  # fmt: skip

    shown = desk.json("customer", "show", key)
    assert [each["key"] for each in shown["keys"]] == [
        "email:ada+shop@x.example",
        "email:ada@work.example",
        "email:ada@x.example",
        "reference:cust-1",
    ]
    assert {each for found in shown["keys"] for each in found["tickets"]} == forty
    assert (shown["names"], shown["whole"]) == (["ada lovelace"], True)


@pytest.mark.parametrize("key", ANY)
def test_a_customer_is_erased_by_any_key_after_it_is_said_what_was_found(
    desk: Desk,  # noqa: F811
    forty: set[str],
    key: str,
) -> None:
    shown = {each["key"]: each["tickets"] for each in desk.json("customer", "show", key)["keys"]}
    result = desk.run("ticket", "erase", "--customer", key, "--yes", "--output", "json")

    assert result.exit_code == 0, result.stderr
    assert {(each["id"], each["key"]) for each in json.loads(result.stdout)} == {
        (ticket_id, key) for key, ids in shown.items() for ticket_id in ids
    }
    for found, ids in shown.items():
        assert f"helpdesk: found under {found}: {len(ids)} tickets\n" in result.stderr
    assert "found as name:ada lovelace" in result.stderr
    assert result.stderr.index("found under") < result.stderr.index("erased 40 ticket(s)")
    assert not any(map(desk.tickets.get, forty))
    assert desk.ticket(f"{99:016}")
    assert desk.run("ticket", "erase", "--customer", key, "--yes").exit_code == 3
    assert desk.run("customer", "show", key).exit_code == 3


def test_a_ticket_shows_every_key_and_all_other_tickets(desk: Desk, forty: set[str]) -> None:  # noqa: F811
    one = f"{1:016}"
    shown = desk.json("ticket", "show", one)

    assert {each["id"] for each in shown["others"]} == forty - {one}
    assert shown["customer_keys"][-1] == "reference:cust-1"
    page = desk.run("ticket", "show", one).stdout
    assert "Ada Lovelace, ada@work.example, cust-1" in page
    assert "email:ada+shop@x.example, email:ada@x.example" in page


class TestAName:
    def test_of_several_customers_is_refused_and_nothing_is_erased(self, desk: Desk) -> None:  # noqa: F811
        for number in (1, 2):
            desk.escalated(number, email=f"ada{number}@x.example", name="Ada")

        for words in (("ticket", "list"), ("ticket", "erase", "--yes")):
            result = desk.run(*words, "--customer", "Ada")
            assert result.exit_code == 2
            assert result.stderr == (
                "helpdesk: 2 customers are known as 'Ada': (email:ada1@x.example); "
                "(email:ada2@x.example); name the one you mean by one of these keys\n"
            )
        assert all(desk.tickets.get(f"{number:016}") for number in (1, 2))
        assert len(desk.json("ticket", "list", "--customer", "email:ada1@x.example")["items"]) == 1


class TestDeciding:
    def test_joined_shown_separated_and_recorded(self, desk: Desk) -> None:  # noqa: F811
        desk.escalated(1, email="ada@x.example", reference="C-1")
        desk.escalated(2, email="ada@work.example")
        reason = ("--reason", "the same phone number")

        joined = desk.json("customer", "join", "ada@work.example", "C-1", *reason)
        assert [each["key"] for each in joined["keys"]] == [
            "email:ada@work.example", "email:ada@x.example", "reference:C-1",
        ]  # fmt: skip
        assert len(desk.json("ticket", "list", "--customer", "ada@work.example")["items"]) == 2
        two = desk.json("customer", "separate", "ada@work.example", "ada@x.example", *reason)
        assert [[each["key"] for each in one["keys"]] for one in two] == [
            ["email:ada@work.example"],
            ["email:ada@x.example", "reference:C-1"],
        ]

        decisions = desk.json("customer", "show", "ada@work.example")["decisions"]
        assert [(each["by"], each["together"], each["reason"]) for each in decisions] == [
            ("ada", True, "the same phone number"),
            ("ada", False, "the same phone number"),
        ]
        page = desk.run("customer", "show", "C-1").stdout
        assert "separated" in page
        assert "the same phone number" in page

    @pytest.mark.parametrize(
        ("words", "code", "said"),
        [
            (
                ("join", "ada@x.example", "eve@x.example"),
                3,
                "there is no customer with the key email:eve",
            ),
            (("join", "ada@x.example", "C-1"), 5, "are one customer already"),
            (("separate", "ada@x.example", "bob@x.example"), 5, "are not one customer"),
        ],
    )
    def test_what_is_refused(
        self,
        desk: Desk,  # noqa: F811
        words: tuple[str, ...],
        code: int,
        said: str,
    ) -> None:
        desk.escalated(1, email="ada@x.example", reference="C-1")

        result = desk.run("customer", *words, "--reason", "a reason")

        assert (result.exit_code, said in result.stderr) == (code, True), result.stderr

    @pytest.mark.parametrize(
        "words",
        [
            ("customer", "join", "ada@x.example", "bob@x.example", "--reason", "a reason"),
            ("customer", "separate", "ada@x.example", "C-1", "--reason", "a reason"),
            ("ticket", "erase", "--customer", "ada@x.example", "--yes"),
        ],
    )
    def test_only_leads_decide(self, desk: Desk, words: tuple[str, ...]) -> None:  # noqa: F811
        desk.knowledge.put_agent(Agent("bea", frozenset({Role.AGENT})))
        desk.escalated(1, email="ada@x.example", reference="C-1")
        desk.escalated(2, email="bob@x.example")

        result = desk.run(*words, agent="bea")

        assert (result.exit_code, "bea is not a lead" in result.stderr) == (4, True)

    def test_gathering_tells_how_many_it_looked_at(self, desk: Desk) -> None:  # noqa: F811
        desk.escalated(1, ago=timedelta(hours=3), email="ada@x.example", reference="C-1")

        assert desk.json("customer", "gather", "--days", "1") == {"tickets": 1}


class TestExporting:
    def test_everything_about_a_customer_as_a_folder(
        self,
        desk: Desk,  # noqa: F811
        forty: set[str],
        tmp_path: Path,
    ) -> None:
        folder = tmp_path / "some" / "ada"
        one = f"{1:016}"
        assert desk.run("ticket", "claim", one).exit_code == 0
        assert desk.run("ticket", "reply", one, "Yes, with a \x1b bow.").exit_code == 0

        told = desk.json("customer", "export", "cust-1", "--to", str(folder))

        assert (set(told["tickets"]), told["folder"], told["left_out"]) == (forty, str(folder), [])
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert {path.name for path in folder.iterdir()} == {
            "customer.json", "tickets", "conversations.txt",
        }  # fmt: skip
        assert {path.stem for path in (folder / "tickets").iterdir()} == forty
        customer = json.loads((folder / "customer.json").read_text())
        assert customer["keys"] == desk.json("customer", "show", "cust-1")["keys"]
        ticket = json.loads((folder / "tickets" / f"{one}.json").read_text())
        assert next(said["text"] for said in ticket["messages"]) == "Do you sell gift wrapping?"
        assert [event["move"] for event in ticket["events"]] == [
            "submitted", "escalated", "claimed", "replied",
        ]  # fmt: skip
        text = (folder / "conversations.txt").read_text()
        assert text.count("Do you sell gift wrapping?") == 40
        assert "\x1b" not in text
        everything = "".join(path.read_text() for path in folder.rglob("*.*"))
        assert "bob@x.example" not in everything
        assert "token" not in everything

    def test_what_is_not_verified_is_left_out_and_it_is_said(
        self,
        desk: Desk,  # noqa: F811
        tmp_path: Path,
    ) -> None:
        hers = desk.escalated(1, email="ada@x.example")
        claimed = desk.escalated(2, email="ada@x.example", verified=False)
        words = ("customer", "export", "ada@x.example", "--to")

        told = desk.json(*words, str(tmp_path / "one"))
        assert (told["tickets"], told["left_out"]) == ([hers], [claimed])
        told = desk.json(*words, str(tmp_path / "two"), "--unverified")
        assert (told["tickets"], told["left_out"]) == ([hers, claimed], [])
        assert desk.json("customer", "show", "ada@x.example")["keys"] == [
            {"key": "email:ada@x.example", "tickets": [hers], "unverified": [claimed]}
        ]

    def test_a_folder_that_exists_is_not_touched(
        self,
        desk: Desk,  # noqa: F811
        tmp_path: Path,
    ) -> None:
        desk.escalated(1, email="ada@x.example")

        result = desk.run("customer", "export", "ada@x.example", "--to", str(tmp_path))

        assert (result.exit_code, "exists; name a folder" in result.stderr) == (2, True)
        assert not list(tmp_path.glob("*.json"))

    def test_a_folder_is_whole_or_not_there(
        self,
        desk: Desk,  # noqa: F811
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        desk.escalated(1, email="ada@x.example")

        def fail(*_: Any) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("agent_cli.customer_folder._told", fail)
        folder = tmp_path / "exports" / "ada"
        result = desk.run("customer", "export", "ada@x.example", "--to", str(folder))

        assert result.exit_code != 0
        assert list(folder.parent.iterdir()) == []

    def test_a_folder_that_cannot_be_written_is_one_line(
        self,
        desk: Desk,  # noqa: F811
        tmp_path: Path,
    ) -> None:
        desk.escalated(1, email="ada@x.example")
        (tmp_path / "file").write_text("")
        folder = tmp_path / "file" / "ada"

        result = desk.run("customer", "export", "ada@x.example", "--to", str(folder))

        assert result.exit_code == 1
        assert result.stderr == f"Error: cannot write {folder}: File exists\n"

    def test_of_an_unknown_customer(self, desk: Desk, tmp_path: Path) -> None:  # noqa: F811
        result = desk.run("customer", "export", "eve@x.example", "--to", str(tmp_path / "eve"))

        assert (result.exit_code, "nothing is known of" in result.stderr) == (3, True)
        assert not (tmp_path / "eve").exists()
