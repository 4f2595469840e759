"""The trainer as it is deployed makes the index with the model, and a worker's parts find by it."""

from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from helpdesk.aws import clients
from helpdesk.aws.knowledge import DynamoKnowledge
from helpdesk.composition import Resources, language
from helpdesk.composition.language import LanguageParts
from helpdesk.understanding import load_encoder
from helpdesk.understanding.passage_index import PassageIndex

from infra.teaching import encoders, knowledge_files
from tests.integration.conftest import Stack, load


@pytest.fixture(autouse=True)
def light(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the functions have the light encoder, which is loaded in no time."""
    folder = encoders.folder(light=True)
    monkeypatch.setattr(language, "load_encoder", lambda: load_encoder(folder))


def test_a_lesson_publishes_an_index_that_the_workers_parts_find_by(
    template: dict[str, Any], stack: Stack
) -> None:
    known = {each.intent: each for each in knowledge_files.read()}
    articles = [known[name] for name in ("gift_wrap", "business_hours", "size_guide")]
    DynamoKnowledge(clients.table(stack.outputs["KnowledgeTable"])).load(articles)

    said = load(template, stack, "TrainerFunction")({"Records": []})
    parts = LanguageParts(resources=Resources.of_outputs(stack.outputs))
    current = parts.models.current()

    assert said["outcome"] == "published"
    assert current
    assert said["index"] == current.index
    index = PassageIndex.from_bytes(parts.models.load_index(current.index))
    assert index.sources.keys() >= {f"article:{each.intent}" for each in articles}
    understander = parts.understander(partial(datetime.now, UTC))
    evidence = parts.evidence(partial(datetime.now, UTC))
    text = "Can you wrap it as a gift?"
    found = evidence.found(text, understander.understand(text), likely=["gift_wrap"])
    assert found[0].passage.id.startswith("article:gift_wrap")
