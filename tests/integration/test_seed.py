"""Loading the starter knowledge into real tables, and waiting for the model of what is there."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from helpdesk import learning
from helpdesk.aws import clients
from helpdesk.aws.editions import DynamoEditions
from helpdesk.aws.knowledge import DynamoKnowledge
from helpdesk.aws.models import PublishedModels
from helpdesk.learning import Published

from infra.deploying.stack import DeployError
from infra.teaching import knowledge_files, seed
from infra.teaching.lesson import Lesson
from infra.teaching.school import School
from tests.fakes import an_article
from tests.integration.conftest import Stack

STARTER = knowledge_files.read()


class Desk:
    """The knowledge of a stack whose trainer never runs by itself."""

    def __init__(self, stack: Stack) -> None:
        self.table: Any = clients.table(stack.outputs["KnowledgeTable"])
        self.knowledge = DynamoKnowledge(self.table)
        self.models = PublishedModels(clients.s3(), stack.outputs["Bucket"], self.table)
        self.editions = DynamoEditions(self.table, self.models)
        self.school = School(self.knowledge, self.models)
        self.said: list[str] = []

    def load(self) -> int:
        return seed.load_starter(self.table, self.models, self.said.append)

    def learn(self, version: str, *refused: str) -> Published:
        model = Published(
            version=version,
            at=datetime.now(UTC),
            knowledge=learning.fingerprint(self.knowledge.all()),
            figures=None,
            refused=refused,
        )
        if refused:
            self.models.refuse(model)
        else:
            self.models.publish(model, b"fitted")
        return model


@pytest.fixture
def desk(stack: Stack) -> Iterator[Desk]:
    yield Desk(stack)
    found = clients.s3().list_objects_v2(Bucket=stack.outputs["Bucket"])
    for item in found.get("Contents", []):
        clients.s3().delete_object(Bucket=stack.outputs["Bucket"], Key=item["Key"])


def test_an_empty_table_gets_the_starter_articles_and_their_golden_set(desk: Desk) -> None:
    assert desk.load() == len(STARTER)
    assert {each.intent: each for each in desk.knowledge.all()} == {a.intent: a for a in STARTER}
    assert set(desk.editions.to_learn().golden) == set(seed.golden())
    assert len(seed.golden()) > 500
    assert f"{len(STARTER)} articles loaded" in desk.said[0]


def test_a_second_loading_leaves_edits_and_removals_alone(desk: Desk) -> None:
    desk.load()
    edited = replace(desk.knowledge.all()[0], answer="As a lead wrote it.", version=3)
    desk.knowledge.put(edited)
    desk.knowledge.remove(STARTER[-1].intent)
    before = desk.knowledge.all()

    assert desk.load() == 0
    assert desk.knowledge.all() == before
    assert edited in before


def test_other_articles_are_left_alone_and_get_no_golden_set(desk: Desk) -> None:
    desk.knowledge.put(an_article("bread"))

    assert desk.load() == 0
    assert [each.intent for each in desk.knowledge.all()] == ["bread"]
    assert desk.editions.to_learn().golden == ()


def test_a_loading_that_broke_off_goes_on_without_touching_what_is_there(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    edited = replace(STARTER[0], answer="As a lead wrote it.", version=1)

    def break_off(knowledge: DynamoKnowledge, articles: Any) -> None:
        knowledge.put(next(iter(articles)))
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(DynamoKnowledge, "load", break_off)
        with pytest.raises(KeyboardInterrupt):
            desk.load()
    desk.knowledge.put(edited)

    assert desk.load() == len(STARTER) - 1
    assert {each.intent for each in desk.knowledge.all()} == {each.intent for each in STARTER}
    assert edited in desk.knowledge.all()
    desk.knowledge.remove(edited.intent)
    assert desk.load() == 0, "it is done, and what is removed from now on stays removed"


def test_the_model_of_what_is_in_the_table_is_waited_for(desk: Desk) -> None:
    desk.knowledge.put(an_article("bread"))
    desk.learn("old")
    desk.knowledge.put(an_article("cake", utterances=("a cake please",)))
    assert desk.school.look().lesson is Lesson.DUE
    naps: list[float] = []

    def nap(seconds: float) -> None:
        naps.append(seconds)
        if len(naps) == 3:
            desk.learn("new")

    found = desk.school.wait(60, sleep=nap)

    assert found
    assert (found.lesson, found.articles, len(naps)) == (Lesson.LEARNED, 2, 3)
    assert found.model
    assert found.model.version == "new"


def test_a_lost_model_is_noticed(desk: Desk) -> None:
    desk.knowledge.put(an_article("bread"))
    desk.learn("only")
    assert desk.school.look().lesson is Lesson.LEARNED
    desk.models.s3.delete_object(Bucket=desk.models.bucket, Key="models/only.npz")

    assert desk.school.look().lesson is Lesson.LOST


def test_refused_articles_are_told_and_not_waited_for(desk: Desk) -> None:
    desk.knowledge.put(an_article("bread"))
    desk.learn("good")
    desk.knowledge.put(an_article("cake", utterances=("a cake please",)))
    desk.learn("worse", "intents 0.100 after 0.900")

    found = desk.school.wait(0)
    assert found
    assert found.lesson is Lesson.REFUSED
    assert "intents 0.100 after 0.900" in found.told
    assert "model good stays in force" in found.told


def test_a_rolled_back_model_stays(desk: Desk) -> None:
    desk.knowledge.put(an_article("bread"))
    desk.learn("first")
    desk.knowledge.put(an_article("cake", utterances=("a cake please",)))
    desk.learn("second")
    desk.models.roll_back()

    found = desk.school.wait(0)
    assert found
    assert found.lesson is Lesson.ROLLED_BACK
    assert "model first" in found.told


def test_waiting_has_an_end(desk: Desk) -> None:
    desk.knowledge.put(an_article("bread"))
    seconds, naps = count(), list[float]()

    assert desk.school.wait(3, clock=lambda: next(seconds), sleep=naps.append) is None
    assert len(naps) == 3


def test_the_starter_facts_are_loaded_with_the_articles(desk: Desk) -> None:
    desk.load()

    loaded = desk.knowledge.facts().values
    assert loaded == knowledge_files.facts()
    assert set(loaded) == {"add_photo", "add_photo_by_mail"}


def test_a_new_stack_has_patience_and_a_second_run_waits_without_loading_again(
    desk: Desk, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr(School, "wait", lambda _school, seconds: waited.append(seconds))
    asked: list[Any] = []
    monkeypatch.setattr(seed, "ask_for_lesson", asked.append)
    deployed: Any = SimpleNamespace(
        outputs=stack.outputs, session=boto3.Session(), endpoint_url=None
    )
    with pytest.raises(DeployError, match="run the same again"):
        seed.load(deployed, desk.said.append)
    assert waited == [seed.FIRST_PATIENCE]
    assert seed.FIRST_PATIENCE >= 600, "minutes until the stream is read, and a lesson of five"
    edited = replace(desk.knowledge.all()[0], answer="As a lead wrote it.", version=2)
    desk.knowledge.put(edited)
    before = desk.knowledge.all()

    with pytest.raises(DeployError):
        seed.load(deployed, desk.said.append)

    assert desk.knowledge.all() == before
    assert len([line for line in desk.said if "articles loaded" in line]) == 1
    assert asked == [deployed], "nothing woke the trainer in time, so it is asked"
