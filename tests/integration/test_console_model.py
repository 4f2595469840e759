"""The page of the models: how they do, and the way back, which is for leads."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from helpdesk import ticket
from helpdesk.aws import clients
from helpdesk.aws.figures import DynamoFigures
from helpdesk.aws.models import PublishedModels
from helpdesk.figures import keep
from helpdesk.learning import Figures, Published
from helpdesk.reliability import Bin
from helpdesk.ticket import Agent, Role
from helpdesk.triage import Answer, Escalate, Reason

from tests.fakes import MORNING, an_article
from tests.integration.consoles import Browser, no_network, opened, words_of  # noqa: F401
from tests.integration.test_agent_cli import Desk, an_id, desk  # noqa: F401 -- fixtures

pytestmark = pytest.mark.usefixtures("no_network")

MEASURED = Figures(
    golden="golden-1",
    intents=0.94,
    precision=0.98,
    answered=0.7,
    strangers=0.02,
    reliability=(
        Bin(confidence=0.5, right=0.4, cases=10),
        Bin(confidence=0.95, right=1.0, cases=30),
    ),
    required=(0.55, 0.7),
)


def a_model(version: str, minute: int, figures: Figures | None = MEASURED) -> Published:
    return Published(
        version=version,
        at=MORNING + timedelta(minutes=minute),
        knowledge=f"of {version}",
        figures=figures,
    )


@pytest.fixture
def models(desk: Desk) -> Iterator[PublishedModels]:  # noqa: F811
    """The desk's models, of which there is none yet."""
    outputs = desk.stack.outputs
    found = PublishedModels(
        clients.s3(), outputs["Bucket"], clients.table(outputs["KnowledgeTable"])
    )
    yield found
    listed = boto3.client("s3").list_objects_v2(Bucket=outputs["Bucket"])
    for item in listed.get("Contents", ()):
        clients.s3().delete_object(Bucket=outputs["Bucket"], Key=item["Key"])


@pytest.fixture
def browser(desk: Desk, models: PublishedModels) -> Browser:  # noqa: F811
    return opened(desk)


def publish(models: PublishedModels, *given: Published) -> None:
    for each in given:
        models.publish(each, each.version.encode())


def test_without_a_model_each_picture_says_so_in_words(browser: Browser) -> None:
    page = browser.get("/model")

    assert "<svg" not in page
    assert words_of(page).count("Nothing yet.") == 6


def test_the_model_in_use_is_held_against_the_golden_set(
    browser: Browser, models: PublishedModels
) -> None:
    other = replace(MEASURED, golden="golden-2", intents=0.91)
    publish(models, a_model("first", 0, other), a_model("second", 1))

    page = browser.get("/model")
    said = words_of(page)

    assert "On 40 golden messages, what the model says is 6% off on average." in said
    assert "The ticks are the probabilities that intents need to be answered: 0.55 to 0.70." in said
    assert (
        "From a probability of 0.95 on, 75% of the golden messages would be answered, 100%" in said
    )
    assert "The latest of 2 models ranks 94.0% of the golden messages right" in said
    assert "says that the golden set changed there" in said
    assert page.count("<svg") == 3
    assert page.count('role="img" aria-label="') == 3


def test_a_model_of_an_earlier_version_says_what_is_missing(
    browser: Browser, models: PublishedModels
) -> None:
    publish(models, a_model("old", 0, replace(MEASURED, reliability=(), required=())))

    said = words_of(browser.get("/model"))

    assert said.count("The model in use is of an earlier version, which did not keep this.") == 2


def test_a_refused_model_is_listed_with_its_reason_and_no_way_back(
    browser: Browser, models: PublishedModels
) -> None:
    publish(models, a_model("first", 0))
    models.refuse(replace(a_model("bad", 1), refused=("precision 0.5 after 0.9",)))

    page = browser.get("/model")

    assert "precision 0.5 after 0.9" in page
    assert "/model/rollback/bad" not in page


def test_a_lead_goes_back_after_a_question(browser: Browser, models: PublishedModels) -> None:
    publish(models, a_model("first", 0), a_model("second", 1))
    assert "/model/rollback/first" in browser.get("/model")
    assert "/model/rollback/second" not in browser.get("/model")
    asked = browser.get("/model/rollback/first")
    assert "Use the model first from now on?" in asked
    current = models.current()
    assert current
    assert current.version == "second"

    done = words_of(browser.done("/model/rollback/first"))

    assert "first is now in use" in done
    current = models.current()
    assert current
    assert current.version == "first"


def test_an_agent_who_is_no_lead_is_told_and_refused(
    desk: Desk,  # noqa: F811
    browser: Browser,
    models: PublishedModels,
) -> None:
    desk.knowledge.put_agent(Agent("ada", frozenset({Role.AGENT})))
    publish(models, a_model("first", 0), a_model("second", 1))

    page = browser.get("/model")
    assert "/model/rollback/" not in page
    assert "Only leads may go back to an earlier model." in page
    assert "<form" not in browser.get("/model/rollback/first")
    answer = browser.post("/model/rollback/first")

    assert answer.status_code == 403
    assert "ada is not a lead" in answer.text
    current = models.current()
    assert current
    assert current.version == "second"


def test_a_model_that_is_not_there_is_refused_with_those_that_are(
    browser: Browser, models: PublishedModels
) -> None:
    publish(models, a_model("first", 0), a_model("second", 1))

    answer = browser.post("/model/rollback/<b>third")

    assert answer.status_code == 404
    assert "the models are: first, second" in answer.text
    assert "<b>third" not in browser.get("/model/rollback/<b>third")


def test_answers_that_did_not_help_and_questions_without_one_are_counted(
    desk: Desk,  # noqa: F811
    browser: Browser,
) -> None:
    for number in (1, 2):
        desk.escalated(number, decision=Answer(an_article("refund")))
    rated = ticket.rate(desk.ticket(an_id(1)), helpful=False, comment=None, now=desk.now)
    desk.tickets.commit(rated)
    desk.escalated(3, decision=Escalate(Reason.NO_ARTICLE))
    desk.escalated(4, decision=Escalate(Reason.LEGAL))
    shelf = DynamoFigures(clients.table(desk.stack.outputs["TicketsTable"]))
    desk.now = datetime.now(UTC)
    keep(days=shelf, events=desk.tickets, clock=lambda: desk.now)

    page = browser.get("/model")

    said = words_of(page)
    assert "1 answer of the desk did not help in the last 30 days, most often about refund." in said
    assert "1 question went to people in the last 30 days because no article fitted" in said
    assert re.search(r'href="/tickets\?state=all&amp;intent=refund&amp;since=[^"]+">refund', page)
