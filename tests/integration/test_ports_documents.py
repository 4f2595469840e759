"""Documents in the knowledge table: whole at every moment, and nothing left of what lost a race."""

from datetime import UTC, datetime
from typing import Any

import pytest
from helpdesk.aws import clients
from helpdesk.aws.documents import PIECES_OF_AN_ITEM, DynamoDocuments
from helpdesk.aws.editions import items
from helpdesk.aws.tables import Table
from helpdesk.curation import Librarian
from helpdesk.evidence import Piece
from helpdesk.evidence.reading import Paper
from helpdesk.ports import ConflictError

from tests.fakes import LEAD
from tests.integration.conftest import Stack


@pytest.fixture
def table(stack: Stack) -> Table:
    return clients.table(stack.outputs["KnowledgeTable"])


@pytest.fixture
def librarian(table: Table) -> Librarian:
    shelf = DynamoDocuments(table)
    return Librarian(lead=LEAD, shelf=shelf, clock=lambda: datetime.now(UTC))


def a_paper(word: str, count: int = 1) -> Paper:
    return Paper("", tuple(Piece(title="", text=f"{word} {n}.") for n in range(1, count + 1)))


def parts(table: Table) -> list[str]:
    return [each["sk"] for each in items(table, "DOCUMENT#rules") if each["sk"][0] == "P"]


def test_all_pieces_come_back_in_their_order(librarian: Librarian) -> None:
    paper = a_paper("rule", 2 * PIECES_OF_AN_ITEM + 1)
    librarian.carry_out(librarian.plan(paper, file="rules.md"))

    assert librarian.shelf.pieces(librarian.get("rules")) == paper.pieces


def test_single_pieces_are_read_by_their_numbers(table: Table, librarian: Librarian) -> None:
    librarian.carry_out(librarian.plan(a_paper("rule", 120), file="rules.md"))
    wanted = (0, 1, 50, 51, 120, 121, 9_999)

    found = DynamoDocuments(table).some_pieces(librarian.get("rules"), wanted)

    assert {number: each.text for number, each in found.items()} == {
        1: "rule 1.", 50: "rule 50.", 51: "rule 51.", 120: "rule 120.",
    }  # fmt: skip


def test_who_loses_a_race_leaves_no_pieces(table: Table, librarian: Librarian) -> None:
    first, second = (librarian.plan(a_paper(each), file="rules.md") for each in ("one", "two"))
    librarian.carry_out(first)

    with pytest.raises(ConflictError):
        librarian.carry_out(second)

    assert librarian.shelf.pieces(librarian.get("rules")) == first.pieces
    assert len(parts(table)) == 1


def test_who_loses_a_race_with_the_same_text_takes_nothing_away(librarian: Librarian) -> None:
    first, second = (librarian.plan(a_paper("one"), file="rules.md") for _ in range(2))
    librarian.carry_out(first)

    with pytest.raises(ConflictError):
        librarian.carry_out(second)

    assert librarian.shelf.pieces(librarian.get("rules")) == first.pieces


def test_an_import_that_ends_half_way_changes_nothing(
    table: Table, librarian: Librarian, monkeypatch: pytest.MonkeyPatch
) -> None:
    librarian.carry_out(librarian.plan(a_paper("one"), file="rules.md"))
    plan = librarian.plan(a_paper("two", 200), file="rules.md")

    def cut_off(self: Table, writes: Any, *, lost: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Table, "write_together", cut_off)
        with pytest.raises(KeyboardInterrupt):
            librarian.carry_out(plan)
    assert [each.text for each in librarian.shelf.pieces(librarian.get("rules"))] == ["one 1."]

    librarian.carry_out(librarian.plan(a_paper("two", 200), file="rules.md"))

    assert len(librarian.shelf.pieces(librarian.get("rules"))) == 200
