"""How long a message can be hidden, and dead letters that are no message of the desk's.

SQS hides a message for no more than twelve hours; agents may ask for more.
"""

from datetime import timedelta
from typing import Any

import pytest
from botocore.stub import Stubber
from helpdesk.aws import clients
from helpdesk.aws.queues import SqsDeadLetters, SqsQueue

from infra.proving.questions import poison
from tests.integration.conftest import Stack

URL = "https://sqs.eu-central-1.amazonaws.com/123456789012/escalation"
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("wished", "seconds"),
    [
        (-HOUR, 0),
        (timedelta(0), 0),
        (timedelta(seconds=1.9), 1),
        (timedelta(minutes=15), 900),
        (12 * HOUR - timedelta(seconds=1), 43_199),
        (12 * HOUR, 43_200),
        (12 * HOUR + timedelta(seconds=1), 43_200),
        (timedelta(days=30), 43_200),
    ],
)
def test_a_message_is_hidden_in_whole_seconds_for_twelve_hours_at_the_most(
    stack: Stack, wished: timedelta, seconds: int
) -> None:
    asked: dict[str, Any] = {"QueueUrl": URL, "ReceiptHandle": "r", "VisibilityTimeout": seconds}
    client = clients.sqs()

    with Stubber(client) as sqs:
        sqs.add_response("change_message_visibility", {}, asked)
        SqsQueue(client, URL).hide("r", wished)
        sqs.assert_no_pending_responses()


def test_a_wish_for_a_month_reaches_sqs_as_one_it_grants(stack: Stack) -> None:
    queue = SqsQueue(clients.sqs(), stack.outputs["EscalationQueueUrl"])
    queue.send("0" * 16)
    received = queue.receive(timedelta(minutes=1))
    assert received

    queue.hide(received.receipt, timedelta(days=30))

    assert queue.receive(timedelta(minutes=1)) is None
    assert queue.measure().in_flight == 1


@pytest.mark.parametrize("number", range(10))
def test_every_dead_letter_can_be_read_and_discarded(stack: Stack, number: int) -> None:
    sqs, url = clients.sqs(), stack.outputs["MailDeadLettersUrl"]
    sqs.send_message(QueueUrl=url, MessageBody=poison(number))
    letters = SqsDeadLetters(sqs, "mail", url, lambda _: None)

    (letter,) = letters.read(10)
    letters.discard(letter)

    assert (letter.body, letters.measure().in_flight) == (poison(number), 0)
