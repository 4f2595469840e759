"""What leads do to documents: import, import again, forget; and who may not."""

import pytest
from helpdesk.curation import Librarian
from helpdesk.curation.documenting import MOST_DOCUMENTS, named_as
from helpdesk.evidence import InvalidDocumentError, Piece
from helpdesk.evidence.reading import LeftOut, Paper
from helpdesk.ports import ConflictError, NotFoundError
from helpdesk.ticket import Agent, NotAllowedError

from tests.documented import InMemoryDocuments
from tests.fakes import ADA, LEAD, Clock


def a_paper(*texts: str, title: str = "Rules") -> Paper:
    pieces = tuple(Piece(title="", text=each) for each in texts)
    return Paper(title, pieces, (LeftOut("{{a}}", "it holds the placeholder {{a}}"),))


def librarian(shelf: InMemoryDocuments | None = None, agent: Agent = LEAD) -> Librarian:
    return Librarian(lead=agent, shelf=shelf or InMemoryDocuments(), clock=Clock())


def bring(at: Librarian, *texts: str, file: str = "rules.md") -> None:
    at.carry_out(at.plan(a_paper(*texts), file=file))


def test_a_plan_says_what_would_come_and_stores_nothing() -> None:
    at = librarian()

    plan = at.plan(a_paper("One.", "Two."), file="Our Rules.md")

    assert (plan.document.name, plan.document.pieces, plan.document.version) == ("our_rules", 2, 1)
    assert (plan.document.by, plan.replaces, plan.changes) == ("lena", None, True)
    assert plan.left_out == a_paper().left_out
    assert at.shelf.documents() == ()


def test_what_is_carried_out_is_there_and_recorded() -> None:
    at = librarian()

    bring(at, "One.")

    assert at.shelf.pieces(at.get("rules")) == (Piece(title="", text="One."),)
    (record,) = at.shelf.imports("rules")
    assert (record.version, record.by, record.file, record.pieces) == (1, "lena", "rules.md", 1)


def test_the_same_text_again_writes_nothing() -> None:
    at = librarian()
    bring(at, "One.")

    bring(at, "One.", file="rules.txt")

    assert len(at.shelf.imports("rules")) == 1


def test_another_text_is_another_version() -> None:
    at = librarian()
    bring(at, "One.")

    plan = at.plan(a_paper("Two."), file="new.md", name="rules")
    at.carry_out(plan)

    assert plan.replaces
    assert (at.get("rules").version, at.get("rules").file) == (2, "new.md")


def test_pieces_are_told_apart_by_their_borders() -> None:
    at = librarian()
    bring(at, "One.", "Two.")

    assert at.plan(a_paper("One.Two."), file="rules.md").changes


def test_versions_go_on_after_a_document_was_forgotten() -> None:
    at = librarian()
    bring(at, "One.")

    assert at.forget("rules").version == 1
    assert at.shelf.documents() == ()
    bring(at, "One.")

    assert at.get("rules").version == 3
    assert [each.forgotten for each in at.shelf.imports("rules")] == [False, True, False]


def test_a_document_that_another_lead_changed_is_not_written_over() -> None:
    at = librarian()
    first, second = (at.plan(a_paper(text), file="rules.md") for text in ("One.", "Two."))
    at.carry_out(first)

    with pytest.raises(ConflictError):
        at.carry_out(second)


def test_what_is_not_there_cannot_be_forgotten() -> None:
    at = librarian()
    bring(at, "One.")

    with pytest.raises(NotFoundError, match="no document 'terms'; there are: rules"):
        at.forget("terms")


def test_a_document_without_a_title_is_called_by_its_name() -> None:
    plan = librarian().plan(a_paper("One.", title=""), file="our-rules.md")

    assert plan.document.title == "our rules"


def test_there_are_not_more_documents_than_an_index_should_hold() -> None:
    at = librarian()
    for number in range(MOST_DOCUMENTS):
        bring(at, "One.", file=f"a{number}.md")

    with pytest.raises(InvalidDocumentError, match="there are 200 documents"):
        bring(at, "One.", file="b.md")
    bring(at, "Two.", file="a7.md")


def test_only_leads_may() -> None:
    shelf = InMemoryDocuments()
    bring(librarian(shelf), "One.")
    plan = librarian(shelf).plan(a_paper("Two."), file="rules.md")
    at = librarian(shelf, ADA)

    with pytest.raises(NotAllowedError):
        at.plan(a_paper("Two."), file="rules.md")
    with pytest.raises(NotAllowedError):
        at.carry_out(plan)
    with pytest.raises(NotAllowedError):
        at.forget("rules")
    assert at.get("rules").version == 1


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("House rules.md", "house_rules"),
        ("2026-terms_v2.final.pdf", "terms_v2_final"),
        ("rules", "rules"),
        ("\u041f\u0440\u0430\u0432\u0438\u043b\u0430.md", "document"),
        ("--.csv", "document"),
    ],
)
def test_a_document_is_named_as_its_file(file: str, name: str) -> None:
    assert named_as(file) == name
