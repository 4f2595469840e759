"""Gives a stack the starter knowledge if it has none, and waits for the model of what it has."""

import json
from collections.abc import Callable

from botocore.config import Config
from helpdesk.aws import clients
from helpdesk.aws.editions import DynamoEditions
from helpdesk.aws.knowledge import DynamoKnowledge
from helpdesk.aws.models import PublishedModels
from helpdesk.aws.tables import Table
from helpdesk.knowledge import Facts, Golden

from infra.deploying.stack import DeployError, Stack
from infra.evaluating.labelled import read_messages
from infra.paths import ROOT
from infra.teaching import knowledge_files, starter
from infra.teaching.lesson import Lesson
from infra.teaching.school import School

GOLDEN = ROOT / "tests" / "golden" / "messages.jsonl"
PATIENCE = 330
"""Seconds the trainer may take: until its function would be ended, and until it is woken."""

FIRST_PATIENCE = 900
"""Seconds a new stack's first model may take.

Lambda may take several minutes until it reads a stream for the first time (of streams in general:
https://docs.aws.amazon.com/lambda/latest/dg/kafka-starting-positions.html), a lesson takes minutes,
and one that fails for the time being is tried again.
"""

GRACE = 60
"""Seconds in which an edit wakes the trainer and is learned.

The trainer is not asked earlier: of two lessons at once, the one on older articles may end last.
"""

_BEGUN = {"pk": "FILES", "sk": "LOADING"}
"""The item that is in the table while starter articles are loaded, and after a crash meanwhile."""


def load(stack: Stack, say: Callable[[str], None]) -> None:
    """Load the starter articles into an empty table, and wait for the model of what is there.

    Articles that are in the table are left alone, whether they are edited or of another desk. The
    stack's trainer hears of loaded and edited articles by itself; where nothing woke it, it is
    asked for a lesson. A lesson that the gate refused or a lead took back is over. Raises
    KnowledgeFileError, InvalidArticleError, or DeployError if the trainer fails or no model comes.
    """
    table = clients.table(
        stack.outputs["KnowledgeTable"], stack.session, endpoint_url=stack.endpoint_url
    )
    models = published_models(stack)
    school = School(DynamoKnowledge(table), models)
    patience = PATIENCE
    if load_starter(table, models, say):
        patience = FIRST_PATIENCE
        found = school.wait(patience)
    else:
        found = school.look()
        if found.lesson is Lesson.DUE:
            say("the articles were changed: waiting for the trainer, which learns them")
            found = school.wait(GRACE)
        if found is None or found.lesson is Lesson.LOST:
            say("the trainer is asked to learn the articles in the table")
            ask_for_lesson(stack)
            found = school.wait(PATIENCE)
    if found is None:
        raise DeployError(
            f"no model was published within {patience} s; `make logs` shows what the trainer says. "
            "The articles are loaded: run the same again, and it only waits for their model"
        )
    say(found.told)


def load_starter(
    table: Table, models: PublishedModels, say: Callable[[str], None] = lambda _: None
) -> int:
    """Load the starter articles and their golden set into an empty table; return how many.

    A loading that was broken off goes on with the articles that are missing. Raises
    KnowledgeFileError or InvalidArticleError.
    """
    knowledge = DynamoKnowledge(table)
    present = {article.intent for article in knowledge.all()}
    begun = table.get_item(Key=_BEGUN, ConsistentRead=True) is not None
    if present and not begun:
        return 0
    articles = starter.due(knowledge_files.read(), present, begun=begun)
    table.put_item(Item=_BEGUN)
    editions = DynamoEditions(table, models)
    editions.load_golden(golden())
    if facts := knowledge_files.facts():
        editions.load_facts(Facts(values=facts, version=1))
    knowledge.load(articles)
    table.delete_item(Key=_BEGUN)
    phrases = sum(len(article.utterances) for article in articles)
    say(f"{len(articles)} articles loaded; the trainer learns their {phrases} utterances")
    return len(articles)


def ask_for_lesson(stack: Stack) -> None:
    """Let the stack's trainer learn the articles in the table, and wait for its end.

    Raises DeployError with what the trainer says if it fails.
    """
    once = Config(read_timeout=PATIENCE, retries={"total_max_attempts": 1})
    functions = stack.session.client("lambda", endpoint_url=stack.endpoint_url, config=once)
    answer = functions.invoke(FunctionName=f"{stack.name}-trainer")
    if "FunctionError" in answer:
        error = json.loads(answer["Payload"].read())
        raise DeployError(
            "the trainer cannot learn the articles in the table: "
            f"{error.get('errorMessage', answer['FunctionError'])}"
        )


def golden() -> tuple[Golden, ...]:
    """Return the golden set of the knowledge files."""
    return tuple(Golden(each.text, tuple(sorted(each.intents))) for each in read_messages(GOLDEN))


def published_models(stack: Stack) -> PublishedModels:
    """Return where the stack's models are."""
    name, bucket = stack.outputs["KnowledgeTable"], stack.outputs["Bucket"]
    at = stack.endpoint_url
    table = clients.table(name, stack.session, endpoint_url=at)
    return PublishedModels(clients.s3(stack.session, endpoint_url=at), bucket, table)
