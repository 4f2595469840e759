"""Evidence over the stack's own table and bucket: an edit is in the next draft."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from helpdesk.aws import clients
from helpdesk.aws.documents import DynamoDocuments
from helpdesk.aws.editions import DynamoEditions
from helpdesk.aws.knowledge import DynamoKnowledge
from helpdesk.aws.models import PublishedModels
from helpdesk.curation import Revision
from helpdesk.evidence import Document, Piece
from helpdesk.evidence.gathering import DeskPassages
from helpdesk.learning import Library, Outcome, Rules, learn
from helpdesk.triage import Policy
from helpdesk.understanding.indexing import PassageIndexer
from helpdesk.understanding.live_evidence import LiveEvidence
from helpdesk.understanding.passage_index import PassageIndex

from tests.fakes import MORNING, STRANGE, Clock, an_article, an_understanding
from tests.integration.conftest import Stack
from tests.integration.functions_at_work import Teacher
from tests.unit.test_understanding_model import WordVectors

REFUND = an_article("refund", answer="Money comes back within five days.", version=1)
HOURS = an_article("hours", answer="The shop is open until six.", version=1)


class Desk:
    """Knowledge, models and evidence over one stack."""

    def __init__(self, stack: Stack) -> None:
        table, s3 = clients.table(stack.outputs["KnowledgeTable"]), clients.s3()
        self.clock = Clock()
        self.articles, self.documents = DynamoKnowledge(table), DynamoDocuments(table)
        self.models = PublishedModels(s3, stack.outputs["Bucket"], table)
        self.editions = DynamoEditions(table, self.models)
        self.passages = DeskPassages(
            articles=self.articles, documents=self.documents, clock=self.clock
        )
        self.lessons = 0
        self.evidence = LiveEvidence(
            self.models,
            self.passages,
            open_index=lambda name: PassageIndex.from_bytes(self.models.load_index(name)),
            encoder=WordVectors,
            clock=self.clock,
        )

    def learn(self, model: str = "m1") -> Outcome:
        self.lessons += 1
        return learn(
            self.editions.to_learn(),
            models=self.models,
            teacher=Teacher(model),
            rules=Rules(policy=Policy(), tolerance=0.02, target=0.9),
            clock=lambda: MORNING + timedelta(minutes=self.lessons),
            library=Library(self.passages.all_of, PassageIndexer(WordVectors()), self.models),
        )[0]

    def told(self, text: str) -> list[str]:
        return [each.passage.text for each in self.evidence.found(text, STRANGE)]

    def edit(self, answer: str) -> None:
        """Change the answer on refunds as a lead does."""
        before = self.articles.get("refund")
        assert before
        after = replace(before, answer=answer, version=before.version + 1)
        revision = Revision(
            intent="refund", version=after.version, at=MORNING, by="lena", note="", article=after
        )
        self.articles.revise(before, revision)


@pytest.fixture
def desk(stack: Stack) -> Iterator[Desk]:
    found = Desk(stack)
    found.articles.load([REFUND, HOURS])
    assert found.learn() is Outcome.PUBLISHED
    yield found
    for item in clients.s3().list_objects_v2(Bucket=found.models.bucket)["Contents"]:
        clients.s3().delete_object(Bucket=found.models.bucket, Key=item["Key"])


def test_an_edited_article_is_quoted_by_the_next_draft_before_anything_is_learned(
    desk: Desk,
) -> None:
    assert desk.told("money comes back within days") == ["Money comes back within five days."]

    desk.edit("Money comes back within two days.")

    assert desk.told("money comes back within days") == ["Money comes back within two days."]
    sure = an_understanding(("refund", 0.9))
    (found,) = desk.evidence.found("anything", sure)
    assert (found.passage.text, found.passage.version) == ("Money comes back within two days.", 2)


def test_after_the_lesson_the_index_knows_the_edit_and_the_model_stays(desk: Desk) -> None:
    before = desk.models.current()
    desk.edit("Money comes back within two days.")

    assert desk.learn() is Outcome.PUBLISHED
    after = desk.models.current()

    assert before
    assert after
    assert (after.version, after.index != before.index) == (before.version, True)
    opened = PassageIndex.from_bytes(desk.models.load_index(after.index))
    assert opened.sources == {"article:refund": 2, "article:hours": 1}
    assert desk.learn() is Outcome.UNCHANGED


def test_a_document_that_was_imported_just_now_is_evidence(desk: Desk) -> None:
    assert desk.told("the ferry leaves at noon") == []
    document = Document(
        name="ferry",
        title="The ferry",
        file="ferry.md",
        digest="d",
        pieces=1,
        version=1,
        at=datetime(2026, 3, 2, tzinfo=UTC),
        by="lena",
    )
    pieces = (Piece(title="The ferry", text="The ferry leaves at noon."),)
    desk.documents.put_document(document, pieces, instead_of=None)
    desk.clock.advance(timedelta(seconds=5))

    assert desk.told("the ferry leaves at noon") == ["The ferry leaves at noon."]
    assert desk.learn() is Outcome.PUBLISHED
    desk.clock.advance(timedelta(seconds=5))
    assert desk.told("the ferry leaves at noon") == ["The ferry leaves at noon."]


def test_an_article_that_is_removed_is_quoted_no_longer(desk: Desk) -> None:
    assert desk.told("the shop is open until six")

    desk.articles.remove("hours")

    assert desk.told("the shop is open until six") == []


def test_a_roll_back_takes_the_index_along_and_texts_stay_those_of_now(desk: Desk) -> None:
    first = desk.models.current()
    reworded = replace(REFUND, utterances=("give it back",), version=2)
    desk.articles.put(replace(reworded, answer="Money comes back within two days."))
    assert desk.learn("m2") is Outcome.PUBLISHED

    back = desk.models.roll_back()
    desk.clock.advance(timedelta(seconds=5))

    assert first
    assert (back.version, back.index) == (first.version, first.index)
    assert desk.told("money comes back within days") == ["Money comes back within two days."]
