"""Which model is in force when several publish and roll back at the same time."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from helpdesk.aws import clients
from helpdesk.aws.models import PublishedModels
from helpdesk.learning import Figures, Published
from helpdesk.ports import ConflictError, NotFoundError

from tests.fakes import MORNING
from tests.integration.conftest import Stack

FIGURES = Figures(golden="g", intents=0.94, precision=0.98, answered=0.7, strangers=0.02)


def a_model(version: str, minute: int) -> Published:
    return Published(
        version=version,
        at=MORNING + timedelta(minutes=minute),
        knowledge=f"of {version}",
        figures=FIGURES,
    )


def _models(stack: Stack) -> PublishedModels:
    table = clients.table(stack.outputs["KnowledgeTable"])
    return PublishedModels(clients.s3(), stack.outputs["Bucket"], table)


@pytest.fixture
def models(stack: Stack) -> Iterator[PublishedModels]:
    """Two models, the second in force."""
    found = _models(stack)
    for model in (a_model("first", 0), a_model("second", 1)):
        found.publish(model, model.version.encode())
    yield found
    for item in clients.s3().list_objects_v2(Bucket=stack.outputs["Bucket"])["Contents"]:
        clients.s3().delete_object(Bucket=stack.outputs["Bucket"], Key=item["Key"])


def test_the_last_one_published_is_in_force(models: PublishedModels) -> None:
    assert models.current() == a_model("second", 1)
    assert models.load("first") == b"first"
    assert models.history() == (a_model("first", 0), a_model("second", 1))


def test_the_one_before_comes_back_and_nothing_is_before_the_first(
    models: PublishedModels,
) -> None:
    assert models.roll_back() == models.current() == a_model("first", 0)
    with pytest.raises(NotFoundError, match="first, second"):
        models.roll_back()
    assert models.roll_back("second") == models.current() == a_model("second", 1)
    with pytest.raises(NotFoundError):
        models.roll_back("third")


def test_what_was_learned_again_is_followed_by_the_one_it_replaced(
    models: PublishedModels,
) -> None:
    models.publish(a_model("first", 2), b"first")

    assert models.roll_back() == models.current() == a_model("second", 1)


def test_a_model_whose_bytes_are_gone_is_not_put_in_force(
    models: PublishedModels, stack: Stack
) -> None:
    clients.s3().delete_object(Bucket=stack.outputs["Bucket"], Key="models/first.npz")

    with pytest.raises(NotFoundError):
        models.roll_back()
    assert models.current() == a_model("second", 1)


@pytest.mark.parametrize(
    ("operation", "in_time"), [("Query", True), ("GetItem", True), ("PutItem", False)]
)
def test_a_model_published_in_the_middle_of_a_roll_back_is_never_undone_unseen(
    models: PublishedModels, stack: Stack, operation: str, in_time: bool
) -> None:
    """The first is learned again: the model before it is then the second."""
    publications = [a_model("first", 2)]

    def publish(**_call: Any) -> None:
        if publications:
            _models(stack).publish(publications.pop(), b"first")

    client: Any = models.table.client
    client.meta.events.register(f"before-call.dynamodb.{operation}", publish)
    if in_time:
        assert models.roll_back() == models.current() == a_model("second", 1)
    else:
        with pytest.raises(ConflictError, match="another model"):
            models.roll_back()
        assert models.current() == a_model("first", 2)
    assert not publications


def test_a_publication_is_one_write_of_the_table(models: PublishedModels) -> None:
    """Who reads between two would see a model in force that is not the newest."""
    calls: list[str] = []
    client: Any = models.table.client
    client.meta.events.register("before-call.dynamodb", lambda model, **_: calls.append(model.name))
    models.publish(a_model("third", 3), b"third")

    assert calls == ["TransactWriteItems"]


def with_index(version: str, minute: int, index: str) -> Published:
    return replace(a_model(version, minute), index=index, passages=f"of {index}")


def test_an_index_is_one_object_however_often_it_is_kept(
    models: PublishedModels, stack: Stack
) -> None:
    writes: list[str] = []
    client: Any = models.s3
    client.meta.events.register("before-call.s3.PutObject", lambda model, **_: writes.append(""))

    for _ in range(2):
        models.keep_index("abc", b"vectors")

    assert models.load_index("abc") == b"vectors"
    assert len(writes) == 1
    found = clients.s3().list_objects_v2(Bucket=stack.outputs["Bucket"], Prefix="indexes/")
    assert [each["Key"] for each in found["Contents"]] == ["indexes/abc"]


def test_a_roll_back_takes_the_index_of_the_model_along(models: PublishedModels) -> None:
    for minute, name in ((2, "one"), (3, "two")):
        models.keep_index(name, name.encode())
        models.publish(with_index(f"model of {name}", minute, name), b"")

    assert models.roll_back() == models.current() == with_index("model of one", 2, "one")


def test_a_model_whose_index_is_gone_is_not_put_in_force(models: PublishedModels) -> None:
    models.publish(with_index("without", 2, "gone"), b"")
    models.publish(a_model("newest", 3), b"")

    with pytest.raises(NotFoundError):
        models.roll_back("without")
    assert models.current() == a_model("newest", 3)


def test_an_index_of_the_same_model_takes_the_place_of_the_one_before(
    models: PublishedModels,
) -> None:
    """What a roll back finds is a model, with the last index it had."""
    models.keep_index("one", b"1")
    models.keep_index("two", b"2")
    models.publish(with_index("second", 2, "one"), b"second")
    models.publish(with_index("second", 3, "two"), b"second")

    assert models.current() == with_index("second", 3, "two")
    assert [each.version for each in models.published()] == ["first", "second"]
    assert models.roll_back() == a_model("first", 0)
