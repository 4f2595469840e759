"""What is missing is named: by health, by predict, by a start (F11; point 10 of the findings)."""

from typing import Any

import boto3
import pytest
from helpdesk.aws import clients
from helpdesk.aws.knowledge import DynamoKnowledge

from tests.fakes import ScriptedUnderstander, an_article
from tests.integration.conftest import Stack, load, understand_with
from tests.integration.test_intake import Gateway, Reply, taught  # noqa: F401 -- fixture

LOST = {
    "tickets table": {"TICKETS_TABLE": "no-such-table"},
    "intake queue": {"INTAKE_QUEUE_URL": "https://sqs.eu-central-1.amazonaws.com/1/no-such-queue"},
    "escalation queue": {
        "ESCALATION_QUEUE_URL": "https://sqs.eu-central-1.amazonaws.com/1/no-such-queue"
    },
    "knowledge table": {"KNOWLEDGE_TABLE": "no-such-table"},
}
"""What may be missing, and the variables that then lead nowhere."""


def health(template: dict[str, Any], stack: Stack, **variables: str) -> Reply:
    there = stack.where("IntakeFunction", **variables)
    return Gateway(load(template, there, "IntakeFunction")).request("GET", "/health")


@pytest.mark.parametrize("what", LOST)
@pytest.mark.usefixtures("taught")
def test_health_names_what_is_missing(template: dict[str, Any], stack: Stack, what: str) -> None:
    """F11: health says not ready, as a problem, without the names of resources."""
    reply = health(template, stack, **LOST[what])

    assert reply.status == reply.body["status"] == 503
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert [fault["field"] for fault in reply.body["errors"]] == [what]
    assert f"The {what} does not answer: " in reply.body["detail"]
    assert "no-such" not in reply.text


def test_health_names_all_that_is_missing_at_once(template: dict[str, Any], stack: Stack) -> None:
    gone = {name: value for each in LOST.values() for name, value in each.items()}
    reply = health(template, stack, **gone)

    assert [fault["field"] for fault in reply.body["errors"]] == list(LOST)
    for what in LOST:
        assert f"The {what} does not answer" in reply.body["detail"]


def test_health_says_that_no_knowledge_is_loaded(template: dict[str, Any], stack: Stack) -> None:
    reply = health(template, stack)

    assert reply.status == 503
    assert reply.body["errors"] == [
        {"field": "knowledge", "message": "No model is published. Load the articles first."}
    ]


@pytest.mark.usefixtures("taught")
def test_health_is_well_when_everything_answers(template: dict[str, Any], stack: Stack) -> None:
    reply = health(template, stack)

    assert (reply.status, reply.body) == (200, {"status": "ok"})


def test_what_is_missing_is_logged(
    template: dict[str, Any], stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    health(template, stack, **LOST["intake queue"])

    assert '"missing":["intake queue","knowledge"]' in capsys.readouterr().out


def predict(template: dict[str, Any], stack: Stack, **variables: str) -> Reply:
    function = load(template, stack.where("PredictFunction", **variables), "PredictFunction")
    return Gateway(function).request(
        "POST",
        "/predict",
        headers={"Content-Type": "application/json"},
        body='{"texts": ["Where is my order?"]}',
    )


def test_predict_fails_with_a_sentence_without_a_model(
    template: dict[str, Any], stack: Stack
) -> None:
    reply = predict(template, stack)

    assert (reply.status, reply.body["title"]) == (503, "Not ready")
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert "no model is published. Load the articles first." in reply.body["detail"]


def test_predict_fails_with_a_sentence_without_the_knowledge_table(
    template: dict[str, Any], stack: Stack
) -> None:
    reply = predict(template, stack, KNOWLEDGE_TABLE="no-such-table")

    assert (reply.status, reply.body["title"]) == (503, "Not ready")
    assert "The knowledge does not answer" in reply.body["detail"]
    assert "no-such-table" not in reply.text


def test_predict_fails_with_a_sentence_if_the_models_bytes_are_gone(
    template: dict[str, Any], stack: Stack
) -> None:
    model = {"pk": "MODEL", "sk": "CURRENT", "version": "gone", "knowledge": "digest"}
    model |= {"at": "2026-03-02T09:00:00Z", "figures": None}
    boto3.resource("dynamodb").Table(stack.outputs["KnowledgeTable"]).put_item(Item=model)

    assert predict(template, stack).status == 503


def test_predict_answers_once_something_is_learned(template: dict[str, Any], stack: Stack) -> None:
    DynamoKnowledge(clients.table(stack.outputs["KnowledgeTable"])).put(an_article("refund"))
    function = load(template, stack, "PredictFunction")
    understand_with(function, ScriptedUnderstander)
    reply = Gateway(function).request(
        "POST", "/predict", headers={"Content-Type": "application/json"}, body='{"texts": ["hi"]}'
    )

    assert reply.status == 200
