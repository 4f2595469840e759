"""Editions of the knowledge in the table: prepared aside, put in force in one write, all kept."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from helpdesk.aws import clients
from helpdesk.aws.editions import DynamoEditions, EditionPointer
from helpdesk.aws.knowledge import DynamoKnowledge
from helpdesk.aws.models import GOLDEN_KEY, PublishedModels
from helpdesk.curation import Curator, EditionRecord, InForce
from helpdesk.knowledge import Edition, Golden, Retired
from helpdesk.learning import Failure, Published
from helpdesk.ports import ConflictError, NotFoundError

from tests.fakes import LEAD, MORNING, an_article
from tests.integration.conftest import Stack

REFUND, CANCEL = (an_article(name, version=1) for name in ("refund", "cancel_order"))
ASKED, STRANGER = Golden("my money", ("refund", "cancel_order")), Golden("sing a song", ())


def a_model(number: int, version: str, minute: int = 0) -> Published:
    return Published(
        version=version,
        at=MORNING + timedelta(minutes=minute),
        knowledge="k",
        figures=None,
        edition=number,
    )


def a_record(number: int) -> EditionRecord:
    return EditionRecord(
        number=number, at=MORNING, by="lena", articles=1, cases=2, put_in_force=False
    )


@pytest.fixture
def models(stack: Stack) -> Iterator[PublishedModels]:
    bucket = stack.outputs["Bucket"]
    yield PublishedModels(clients.s3(), bucket, clients.table(stack.outputs["KnowledgeTable"]))
    for item in clients.s3().list_objects_v2(Bucket=bucket).get("Contents", []):
        clients.s3().delete_object(Bucket=bucket, Key=item["Key"])


@pytest.fixture
def editions(models: PublishedModels) -> DynamoEditions:
    return DynamoEditions(models.table, models)


@pytest.fixture
def knowledge(models: PublishedModels) -> DynamoKnowledge:
    return DynamoKnowledge(models.table)


@pytest.fixture
def replaced(
    editions: DynamoEditions, knowledge: DynamoKnowledge, models: PublishedModels
) -> DynamoEditions:
    """Return editions of which the second is in force."""
    knowledge.load([REFUND])
    models.publish(a_model(0, "old"), b"old")
    editions.prepare(a_record(1), Edition(number=1, articles=(CANCEL,), golden=(STRANGER, ASKED)))
    models.keep("new", b"new")
    editions.put_in_force(1, instead_of=0, at=MORNING, by="lena", model=a_model(1, "new", 1))
    return editions


class TestPreparing:
    def test_what_is_prepared_is_not_in_force(
        self, editions: DynamoEditions, knowledge: DynamoKnowledge
    ) -> None:
        knowledge.load([REFUND])
        edition = Edition(number=1, articles=(CANCEL,), golden=(ASKED, STRANGER))
        editions.prepare(a_record(1), edition)

        assert knowledge.all() == (REFUND,)
        assert editions.in_force() == InForce(number=0, replaced=None)
        assert editions.records() == (a_record(1),)
        found = editions.edition(1)
        assert (found.articles, set(found.golden)) == ((CANCEL,), {ASKED, STRANGER})

    def test_a_number_is_taken_once(self, editions: DynamoEditions) -> None:
        editions.prepare(a_record(1), Edition(number=1, articles=(CANCEL,)))

        with pytest.raises(ConflictError, match="edition 1"):
            editions.prepare(a_record(1), Edition(number=1, articles=(REFUND,)))
        assert editions.edition(1).articles == (CANCEL,)

    def test_a_golden_set_may_be_larger_than_an_item(self, editions: DynamoEditions) -> None:
        golden = tuple(Golden(f"{number} " + "long " * 200, ("refund",)) for number in range(600))
        editions.prepare(a_record(1), Edition(number=1, articles=(CANCEL,), golden=golden))

        assert sum(len(each.text) for each in golden) > 400_000
        assert set(editions.edition(1).golden) == set(golden)


class TestInForce:
    def test_articles_golden_set_and_model_change_in_one_write(
        self, replaced: DynamoEditions, knowledge: DynamoKnowledge, models: PublishedModels
    ) -> None:
        assert replaced.in_force() == InForce(number=1, replaced=0)
        assert knowledge.all() == (CANCEL,)
        assert set(replaced.to_learn().golden) == {ASKED, STRANGER}
        assert models.current() == a_model(1, "new", 1)
        assert replaced.records() == (replace(a_record(1), put_in_force=True),)
        calls: list[str] = []
        client: Any = models.table.client
        client.meta.events.register(
            "before-call.dynamodb", lambda model, **_: calls.append(model.name)
        )
        replaced.put_in_force(0, instead_of=1, at=MORNING, by="lena", model=a_model(0, "old"))
        assert [each for each in calls if each != "Query"] == ["TransactWriteItems"]

    def test_going_back_finds_the_articles_and_the_model_as_they_were(
        self, replaced: DynamoEditions, knowledge: DynamoKnowledge, models: PublishedModels
    ) -> None:
        model = replaced.model_of(0)
        replaced.put_in_force(0, instead_of=1, at=MORNING, by="lena", model=model)

        assert model == a_model(0, "old")
        assert knowledge.all() == (REFUND,)
        assert models.current() == model
        assert replaced.in_force() == InForce(number=0, replaced=1)

    @pytest.mark.parametrize("instead_of", [0, 2])
    def test_another_one_replaced_meanwhile_is_not_replaced_unseen(
        self, replaced: DynamoEditions, models: PublishedModels, instead_of: int
    ) -> None:
        with pytest.raises(ConflictError, match="meanwhile"):
            replaced.put_in_force(3, instead_of=instead_of, at=MORNING, by="lena", model=None)
        assert models.current() == a_model(1, "new", 1)

    def test_the_newest_model_of_an_edition_counts_if_its_bytes_are_there(
        self, replaced: DynamoEditions, models: PublishedModels, stack: Stack
    ) -> None:
        models.publish(a_model(1, "newer", 5), b"newer")
        assert replaced.model_of(1) == a_model(1, "newer", 5)
        assert replaced.model_of(7) is None
        clients.s3().delete_object(Bucket=stack.outputs["Bucket"], Key="models/newer.npz")
        assert replaced.model_of(1) is None

    def test_two_editions_with_one_model_have_each_their_own_record(
        self, replaced: DynamoEditions, models: PublishedModels
    ) -> None:
        models.publish(a_model(2, "new", 5), b"new")

        assert replaced.model_of(1) == a_model(1, "new", 1)
        assert replaced.model_of(2) == a_model(2, "new", 5)

    def test_a_model_of_another_edition_is_not_rolled_back_to(
        self, replaced: DynamoEditions, models: PublishedModels
    ) -> None:
        with pytest.raises(NotFoundError, match="the models are: new"):
            models.roll_back()
        with pytest.raises(NotFoundError):
            models.roll_back("old")


class TestEditing:
    def test_an_edit_belongs_to_the_edition_in_force(
        self, replaced: DynamoEditions, knowledge: DynamoKnowledge
    ) -> None:
        curator = Curator(lead=LEAD, knowledge=knowledge, clock=lambda: MORNING)
        curator.edit(replace(CANCEL, answer="Otherwise."))
        curator.add(an_article("refund"))
        assert [each.version for each in curator.history("cancel_order")] == [1, 2]

        replaced.put_in_force(0, instead_of=1, at=MORNING, by="lena", model=None)
        assert knowledge.all() == (REFUND,)
        assert curator.history("refund") == ()
        replaced.put_in_force(1, instead_of=0, at=MORNING, by="lena", model=None)
        assert next(each.answer for each in knowledge.all()) == "Otherwise."

    def test_an_edit_of_an_edition_that_was_replaced_meanwhile_is_refused(
        self, replaced: DynamoEditions, knowledge: DynamoKnowledge
    ) -> None:
        class Slow(DynamoKnowledge):
            def history(self, intent: str) -> Any:
                found = super().history(intent)
                replaced.put_in_force(0, instead_of=1, at=MORNING, by="bob", model=None)
                return found

        curator = Curator(lead=LEAD, knowledge=Slow(replaced._table), clock=lambda: MORNING)
        with pytest.raises(ConflictError):
            curator.add(an_article("track_order"))
        assert [each.intent for each in knowledge.all()] == ["refund"]

    @pytest.mark.parametrize("second", [False, True], ids=["first edition", "second edition"])
    def test_a_removed_article_is_retired_until_it_comes_back_or_is_forgotten(
        self,
        editions: DynamoEditions,
        knowledge: DynamoKnowledge,
        request: pytest.FixtureRequest,
        second: bool,
    ) -> None:
        if second:
            request.getfixturevalue("replaced")
        curator = Curator(lead=LEAD, knowledge=knowledge, clock=lambda: MORNING)
        curator.add(an_article("track_order"))
        curator.remove("track_order")
        retired = Retired("track_order", an_article("track_order").utterances)
        assert knowledge.retired() == editions.to_learn().retired == (retired,)

        curator.roll_back("track_order")
        assert knowledge.retired() == ()
        curator.remove("track_order")
        curator.remove("track_order", forget=True)
        assert knowledge.retired() == ()
        assert [each.note for each in curator.history("track_order")][-2:] == [
            "removed",
            "forgotten",
        ]


class TestTheGoldenSet:
    def test_loading_puts_it_in_place_of_the_one_before(self, editions: DynamoEditions) -> None:
        editions.load_golden([ASKED, Golden("gone", ())])
        editions.load_golden([ASKED, STRANGER])

        assert set(editions.to_learn().golden) == {ASKED, STRANGER}

    def test_that_of_an_earlier_version_is_read_from_the_bucket_until_it_is_loaded(
        self, editions: DynamoEditions, stack: Stack
    ) -> None:
        line = b'{"text": "my money", "intent": "refund", "also": ["cancel_order"]}\n'
        clients.s3().put_object(Bucket=stack.outputs["Bucket"], Key=GOLDEN_KEY, Body=line)
        assert editions.to_learn().golden == (ASKED,)

        editions.load_golden([STRANGER])
        assert editions.to_learn().golden == (STRANGER,)

    def test_it_does_not_judge_a_knowledge_that_replaced_the_shops(
        self, replaced: DynamoEditions, stack: Stack
    ) -> None:
        line = b'{"text": "my money", "intent": "refund"}\n'
        clients.s3().put_object(Bucket=stack.outputs["Bucket"], Key=GOLDEN_KEY, Body=line)
        replaced.prepare(a_record(2), Edition(number=2, articles=(REFUND,)))
        replaced.put_in_force(2, instead_of=1, at=MORNING, by="lena", model=None)

        assert replaced.to_learn().golden == ()
        assert replaced.to_learn(0).golden == (Golden("my money", ("refund",)),)


def test_a_function_notices_another_edition_after_its_lag(
    replaced: DynamoEditions, models: PublishedModels
) -> None:
    now = [0.0]
    pointer = EditionPointer(models.table, lag=timedelta(seconds=5), clock=lambda: now[0])
    assert pointer.look().number == 1
    replaced.put_in_force(0, instead_of=1, at=MORNING, by="lena", model=None)
    now[0] = 4.9
    assert pointer.look().number == pointer.number == 1
    now[0] = 5.0
    assert pointer.look().number == pointer.number == 0


def test_a_refusal_keeps_the_cases_that_failed(models: PublishedModels) -> None:
    refused = replace(
        a_model(1, "bad"),
        refused=("precision",),
        failed=(Failure("my money", ("refund",), "answered as cancel_order", answered=True),),
    )
    models.refuse(refused)

    assert models.history() == (refused,)
