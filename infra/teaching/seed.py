"""Loads the reviewed knowledge into a stack, and waits until the stack has learned it."""

import time
from collections.abc import Callable

from helpdesk import learning
from helpdesk.aws import clients
from helpdesk.aws.knowledge import DynamoKnowledge
from helpdesk.aws.models import GOLDEN_KEY, PublishedModels

from infra.deploying.stack import DeployError, Stack
from infra.paths import ROOT
from infra.teaching import knowledge_files

GOLDEN = ROOT / "tests" / "golden" / "messages.jsonl"
PATIENCE = 180
"""Seconds the trainer may take."""

_MARK = {"pk": "FILES", "sk": "FILES"}


def load(stack: Stack, say: Callable[[str], None]) -> bool:
    """Put every article and the golden set in place; return whether that was due.

    Files that did not change since they were last loaded are left alone, and so are the edits
    made in the table meanwhile. The trainer of the stack notices the articles and publishes a
    model. Raises KnowledgeFileError, InvalidArticleError, or DeployError if no model comes.
    """
    table = clients.table(
        stack.outputs["KnowledgeTable"], stack.session, endpoint_url=stack.endpoint_url
    )
    models = published_models(stack)
    digest = knowledge_files.digest()
    mark = table.get_item(Key=_MARK) or {}
    current = models.current()
    if mark.get("digest") == digest and current and models.holds(current.version):
        return False
    models.s3.put_object(Bucket=stack.outputs["Bucket"], Key=GOLDEN_KEY, Body=GOLDEN.read_bytes())
    articles = knowledge_files.read()
    DynamoKnowledge(table).load(articles)
    phrases = sum(len(article.utterances) for article in articles)
    say(f"{len(articles)} articles loaded; the trainer learns their {phrases} utterances")
    model = _learned(models, learning.fingerprint(articles))
    table.put_item(Item={**_MARK, "digest": digest})
    say(f"model {model.version} published: {_scores(model)}")
    return True


def published_models(stack: Stack) -> PublishedModels:
    """Return where the stack's models are."""
    name, bucket = stack.outputs["KnowledgeTable"], stack.outputs["Bucket"]
    at = stack.endpoint_url
    table = clients.table(name, stack.session, endpoint_url=at)
    return PublishedModels(clients.s3(stack.session, endpoint_url=at), bucket, table)


def _learned(models: PublishedModels, knowledge: str) -> learning.Published:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        current = models.current()
        if current and current.knowledge == knowledge and models.holds(current.version):
            return current
        refused = [each for each in models.history() if each.refused]
        if refused and refused[-1].knowledge == knowledge:
            raise DeployError(f"the model was refused: {'; '.join(refused[-1].refused)}")
        time.sleep(0.3)
    raise DeployError(f"no model was published within {PATIENCE} s; see the trainer's log")


def _scores(model: learning.Published) -> str:
    if model.figures is None:
        return "not measured"
    return (
        f"{model.figures.intents:.0%} of the golden set's intents right, "
        f"{model.figures.precision:.0%} of its automatic answers"
    )
