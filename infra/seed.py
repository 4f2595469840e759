"""Loads the reviewed knowledge into a stack, fits a model to it and publishes the model."""

import importlib.util
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from helpdesk.aws import clients
from helpdesk.aws.knowledge import DynamoKnowledge
from helpdesk.aws.models import Models
from helpdesk.understanding import Encoder, fit, load_encoder

from infra import knowledge_files
from infra.stack import ROOT, Stack

_MARK = {"pk": "FILES", "sk": "FILES"}


def load(stack: Stack, say: Callable[[str], None]) -> bool:
    """Put every article into the knowledge table and publish a model; return whether it was due.

    Files that did not change since they were last loaded are left alone, and so are the edits
    made in the table meanwhile. Raises KnowledgeFileError or InvalidArticleError.
    """
    table = clients.table(
        stack.outputs["KnowledgeTable"], stack.session, endpoint_url=stack.endpoint_url
    )
    models = Models(
        clients.s3(stack.session, endpoint_url=stack.endpoint_url), stack.outputs["Bucket"], table
    )
    digest = knowledge_files.digest()
    mark = table.get_item(Key=_MARK).get("Item", {})
    if mark.get("digest") == digest and (current := models.current()) and _holds(models, current):
        return False
    articles = knowledge_files.read()
    knowledge = DynamoKnowledge(table)
    for article in articles:
        knowledge.put(article)
    phrases = sum(len(article.utterances) for article in articles)
    say(f"{len(articles)} articles loaded; fitting a model to their {phrases} utterances")
    utterances = {article.intent: article.utterances for article in articles}
    model = fit(utterances, encoder())
    models.publish(model.version, model.to_bytes(), at=datetime.now(UTC))
    table.put_item(Item={**_MARK, "digest": digest})
    say(f"model {model.version} published")
    return True


def encoder(*, light: bool = False) -> Encoder:
    """Return the encoder as the layer's recipe builds it, built now if it never was."""
    recipe: Any = _module("encoder", ROOT / "layers" / "nlp" / "encoder.py")
    return load_encoder(recipe.build(light=light))


def _holds(models: Models, version: str) -> bool:
    """Tell whether the bucket still has a model; an emulator's forgets it over a restart."""
    try:
        models.load(version)
    except models.s3.exceptions.NoSuchKey:
        return False
    return True


def _module(name: str, path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
