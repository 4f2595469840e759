"""The queue port over SQS. A message carries the id of a ticket, a mail or a notice, never text."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from helpdesk import notifying, outbox
from helpdesk.agents import Received
from helpdesk.files import arrivals
from helpdesk.operations import DeadLetter, Depth
from helpdesk.ports import QueueUnavailableError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.literals import QueueAttributeNameType
    from mypy_boto3_sqs.type_defs import MessageTypeDef

LONGEST_HIDING = 43_200
"""Seconds SQS hides a message at most, counted from when it was received."""

_GONE = {"ReceiptHandleIsInvalid", "InvalidParameterValue", "MessageNotInflight"}
_COUNTS: tuple["QueueAttributeNameType", ...] = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)


class SqsQueue:
    """One SQS queue. `wait` is how long `receive` may wait for a message (at most 20 seconds)."""

    def __init__(self, client: "SQSClient", url: str, *, wait: timedelta = timedelta(0)) -> None:
        self._client = client
        self._url = url
        self._wait = wait

    def send(self, ticket_id: str) -> None:
        """Put a ticket on the queue. Raises QueueUnavailableError."""
        self._put(_naming(ticket_id))

    def _put(self, body: str) -> None:
        try:
            self._client.send_message(QueueUrl=self._url, MessageBody=body)
        except (BotoCoreError, ClientError) as error:
            raise self._unavailable(error) from error

    def receive(self, hidden: timedelta) -> Received | None:
        """Take one message, hidden from others for a time.

        A message that names no ticket stays hidden and, in the end, becomes a dead letter. Raises
        QueueUnavailableError.
        """
        while True:
            try:
                answer = self._client.receive_message(
                    QueueUrl=self._url,
                    MaxNumberOfMessages=1,
                    VisibilityTimeout=int(hidden.total_seconds()),
                    WaitTimeSeconds=int(self._wait.total_seconds()),
                )
            except (BotoCoreError, ClientError) as error:
                raise self._unavailable(error) from error
            if not (messages := answer.get("Messages")):
                return None
            if ticket_id := _named(messages[0]["Body"]):
                return Received(ticket_id, messages[0]["ReceiptHandle"])

    def delete(self, receipt: str) -> None:
        """Settle a message, if it is still there. Raises QueueUnavailableError."""
        with self._settling():
            self._client.delete_message(QueueUrl=self._url, ReceiptHandle=receipt)

    def put_back(self, receipt: str) -> None:
        """Show a message to others at once, as `hide` for no time does."""
        self.hide(receipt, timedelta(0))

    def hide(self, receipt: str, hidden: timedelta) -> None:
        """Hide a message for a time from now. It is no error if the message is already gone.

        Raises QueueUnavailableError.
        """
        seconds = min(max(0, int(hidden.total_seconds())), LONGEST_HIDING)
        with self._settling():
            self._client.change_message_visibility(
                QueueUrl=self._url, ReceiptHandle=receipt, VisibilityTimeout=seconds
            )

    def depth(self) -> int:
        """Count the messages, hidden and delayed ones included, approximately."""
        depth = self.measure()
        return depth.visible + depth.in_flight + depth.delayed

    def measure(self) -> Depth:
        """Count the visible, received and delayed messages, approximately."""
        return _measured(self._client, self._url)

    @contextmanager
    def _settling(self) -> Iterator[None]:
        try:
            yield
        except ClientError as error:
            code = error.response["Error"]["Code"].rsplit(".", 1)[-1]
            if code not in _GONE:
                raise self._unavailable(error) from error
        except BotoCoreError as error:
            raise self._unavailable(error) from error

    def _unavailable(self, error: Exception) -> QueueUnavailableError:
        return QueueUnavailableError(f"{self._url.rsplit('/', 1)[-1]}: {error}")


class SqsMailQueue(SqsQueue):
    """The queue of the mails that leave: a message carries a mail's id."""

    def send(self, mail_id: str) -> None:
        """Put a mail on the queue. Raises QueueUnavailableError."""
        self._put(outbox.message(mail_id))


class SqsNoticeQueue(SqsQueue):
    """The queue of the notices that leave: a message carries a notice's id."""

    def send(self, notice_id: str) -> None:
        """Put a notice on the queue. Raises QueueUnavailableError."""
        self._put(notifying.message(notice_id))

    def bury(self, body: str) -> None:
        """Put a message on the queue as it is. Raises QueueUnavailableError."""
        self._put(body)


class SqsReleases(SqsQueue):
    """The mail queue, by which leads ask for a mail in quarantine."""

    def ask(self, key: str, by: str) -> None:
        """Ask for the mail in an object. Raises QueueUnavailableError."""
        from helpdesk import arrivals  # noqa: PLC0415 -- validating takes a while to load

        self._put(arrivals.release(key, by))


@dataclass(frozen=True, slots=True)
class SqsDeadLetters:
    """The dead letters at `url`; `again` repeats, with a letter's body, what failed."""

    client: "SQSClient"
    name: str
    url: str
    again: Callable[[str], object]

    def measure(self) -> Depth:
        """Count the visible, received and delayed letters, approximately."""
        return _measured(self.client, self.url)

    def read(self, limit: int) -> list[DeadLetter]:
        """Take up to `limit` letters, hidden from others for a minute."""
        found: dict[str, DeadLetter] = {}
        while len(found) < limit:
            answer = self.client.receive_message(
                QueueUrl=self.url,
                MaxNumberOfMessages=min(10, limit - len(found)),
                VisibilityTimeout=60,
                WaitTimeSeconds=1,  # asks every server, so that it finds all of a few messages
                MessageSystemAttributeNames=["ApproximateReceiveCount", "SentTimestamp"],
            )
            if not (messages := answer.get("Messages")):
                break
            for message in messages:
                found[message["MessageId"]] = self._letter(message)
        return list(found.values())

    def put_back(self, letter: DeadLetter) -> None:
        """Show a letter to others at once."""
        self.client.change_message_visibility(
            QueueUrl=self.url, ReceiptHandle=letter.receipt, VisibilityTimeout=0
        )

    def resend(self, letter: DeadLetter) -> None:
        """Do again what had failed, and only then delete the letter. Raises what that raises."""
        self.again(letter.body)
        self.discard(letter)

    def discard(self, letter: DeadLetter) -> None:
        """Delete a letter for good."""
        self.client.delete_message(QueueUrl=self.url, ReceiptHandle=letter.receipt)

    def _letter(self, message: "MessageTypeDef") -> DeadLetter:
        attributes = message["Attributes"]
        return DeadLetter(
            id=message["MessageId"],
            queue=self.name,
            ticket_id=_named(message["Body"]),
            receives=int(attributes["ApproximateReceiveCount"]),
            sent_at=datetime.fromtimestamp(int(attributes["SentTimestamp"]) / 1000, UTC),
            body=message["Body"],
            receipt=message["ReceiptHandle"],
        )


def _measured(client: "SQSClient", url: str) -> Depth:
    answer = client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    visible, in_flight, delayed = (int(answer["Attributes"][name]) for name in _COUNTS)
    return Depth(visible=visible, in_flight=in_flight, delayed=delayed)


def _naming(ticket_id: str) -> str:
    """Return the body of a message that names a ticket."""
    from helpdesk.contract import TicketMessage  # noqa: PLC0415 -- counting messages takes none

    return TicketMessage(ticket=ticket_id).model_dump_json()


def _named(body: str) -> str | None:
    """Return the ticket that a message's body names, or None if it names none.

    A mail or a notice that leaves is named by its id, in which its ticket is; a message of the
    files' bucket names the ticket to which its first file belongs.
    """
    from helpdesk.contract import TicketMessage  # noqa: PLC0415 -- as above

    with suppress(ValueError):  # pydantic's ValidationError is one
        return TicketMessage.model_validate_json(body).ticket
    with suppress(ValueError):
        return outbox.read_message(body).partition(".")[0]
    with suppress(ValueError):
        return notifying.read_message(body).partition("-")[0]
    with suppress(ValueError):
        return next((each.ticket_id for each in arrivals(body)), None)
    return None
