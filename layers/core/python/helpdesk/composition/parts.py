"""The adapters over one stack's resources, without the language layer."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Self

from helpdesk.aws import clients
from helpdesk.aws.analyses import DynamoAnalyses
from helpdesk.aws.attachments import DynamoAttachments
from helpdesk.aws.buckets import BRISK, DynamoBuckets, HeldSeconds
from helpdesk.aws.conversations import DynamoConversations
from helpdesk.aws.documents import DynamoDocuments
from helpdesk.aws.editions import DynamoEditions
from helpdesk.aws.figures import DynamoFigures
from helpdesk.aws.knowledge import DynamoKnowledge
from helpdesk.aws.letters import DynamoMailbox
from helpdesk.aws.mails import StoredMails
from helpdesk.aws.models import PublishedModels
from helpdesk.aws.queues import (
    SqsDeadLetters,
    SqsMailQueue,
    SqsNoticeQueue,
    SqsQueue,
    SqsReleases,
)
from helpdesk.aws.readiness import Missing, missing
from helpdesk.aws.records import DynamoRecords
from helpdesk.aws.replies import DynamoReplies
from helpdesk.aws.ses import SesSender
from helpdesk.aws.spending import DynamoPurse
from helpdesk.aws.tables import Table
from helpdesk.aws.texts import DynamoTexts
from helpdesk.aws.tickets import PATIENCE, DynamoTickets
from helpdesk.aws.trainer import Trainer
from helpdesk.aws.vault import S3Files
from helpdesk.notifying import SILENCE, Audience, audience
from helpdesk.outbox import Sender
from helpdesk.settings import (
    CourierSettings,
    DocumentsSettings,
    DrafterSettings,
    IntakeSettings,
    MailboxSettings,
    MailSettings,
    PagesSettings,
    PredictSettings,
    ReconcilerSettings,
    TrainerSettings,
    WorkerSettings,
)
from helpdesk.smtp import SmtpSender

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

type FunctionSettings = (
    IntakeSettings
    | MailSettings
    | MailboxSettings
    | WorkerSettings
    | ReconcilerSettings
    | CourierSettings
    | DrafterSettings
    | PredictSettings
    | TrainerSettings
    | PagesSettings
    | DocumentsSettings
)

__all__ = ["Missing", "Parts", "ResourceError", "Resources"]

LAG = timedelta(seconds=5)
"""How long a function may take a replaced edition for the one in force."""

_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


class ResourceError(LookupError):
    """The name of a resource is not known; the message says which resource."""


@dataclass(frozen=True, slots=True)
class Resources:
    """The names of a stack's tables, bucket and queues, by their names in a function's settings.

    The stack's output `IntakeQueueUrl` and the setting `intake_queue_url` name the same queue.
    """

    names: Mapping[str, str]

    @classmethod
    def of_settings(cls, settings: FunctionSettings) -> Self:
        """Return the names that a function's settings hold."""
        held = {each.name: getattr(settings, each.name) for each in fields(settings)}
        return cls({name: value for name, value in held.items() if value})

    @classmethod
    def of_outputs(cls, outputs: Mapping[str, str]) -> Self:
        """Return the names that a stack's outputs hold."""
        return cls({_CAPITAL.sub("_", name).lower(): value for name, value in outputs.items()})

    def __getitem__(self, name: str) -> str:
        """Return the name of a resource. Raises ResourceError."""
        try:
            return self.names[name]
        except KeyError:
            raise ResourceError(f"the stack does not name its {name.replace('_', ' ')}") from None


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The adapters over one stack's resources. Each is made when it is first asked for.

    Parts belong to one thread, because botocore's sessions do. Without a `session` the
    process's own session is used. `patience` is how long a queue message may take before the
    reconciler looks for it. `heard_by` says which channels hear of what; agents' moves are not
    told, so their terminal leaves it out.
    Every adapter raises ResourceError if the name of its resource is not known.
    """

    resources: Resources
    session: clients.Clients | None = None
    endpoint_url: str | None = None
    patience: timedelta = PATIENCE
    heard_by: Audience = SILENCE

    @classmethod
    def of_settings(cls, settings: FunctionSettings) -> Self:
        """Return the parts of a function, from its settings. Raises RulesError."""
        patience = getattr(settings, "patience", PATIENCE)
        heard_by = audience(
            getattr(settings, "notified", ""), getattr(settings, "notify_rules", "")
        )
        resources = Resources.of_settings(settings)
        return cls(resources=resources, patience=patience, heard_by=heard_by)

    @cached_property
    def tickets(self) -> DynamoTickets:
        """The tickets table. Where the queues are known, they are told of mails and of notices.

        Where the bucket of mails is known, the mails of a ticket that is erased go too.
        """
        named = self.resources.names
        return DynamoTickets(
            self._table("tickets_table"),
            patience=self.patience,
            post=self.outbox_queue.send if "outbox_queue_url" in named else None,
            heard_by=self.heard_by,
            notify=self.notices_queue.send if "notices_queue_url" in named else None,
            forget_raw=self._forget_raw if "mail_bucket" in named else None,
        )

    def release(self, key: str, by: str) -> None:
        """Have the mail function release a mail from quarantine. Raises QueueUnavailableError."""
        SqsReleases(self._sqs, self.resources["mail_queue_url"]).ask(key, by)

    def _forget_raw(self, key: str) -> None:
        self.mails.forget(key)

    @cached_property
    def outbox_queue(self) -> SqsMailQueue:
        """The queue of the mails that leave."""
        return SqsMailQueue(self._sqs, self.resources["outbox_queue_url"])

    @cached_property
    def notices_queue(self) -> SqsNoticeQueue:
        """The queue of what leads are to hear."""
        return SqsNoticeQueue(self._sqs, self.resources["notices_queue_url"])

    @cached_property
    def notices_dead_letters(self) -> SqsNoticeQueue:
        """Where notices go that no attempt brought to their channel."""
        return SqsNoticeQueue(self._sqs, self.resources["notices_dead_letters_url"])

    def sender(self, smtp_url: str, *, events: str = "") -> Sender:
        """Return what sends mails: the server at an address or, without one, SES."""
        if smtp_url:
            return SmtpSender(smtp_url)
        ses = clients.ses(self.session, endpoint_url=self.endpoint_url)
        return SesSender(ses, events=events)

    @cached_property
    def analyses(self) -> DynamoAnalyses:
        """What was said of messages in the last hour, in the tickets table."""
        return DynamoAnalyses(self._table("tickets_table"))

    def conversations(self, life: timedelta) -> DynamoConversations:
        """Return the conversations of assisted persons, each kept for `life` after its last one."""
        return DynamoConversations(self._table("tickets_table"), life)

    @cached_property
    def attachments(self) -> DynamoAttachments:
        """What is known of the files of tickets, in the tickets table."""
        return DynamoAttachments(self._table("tickets_table"))

    @cached_property
    def files(self) -> S3Files:
        """The bucket of customers' files."""
        bucket = self.resources["files_bucket"]
        client = clients.s3(self.session, endpoint_url=self.endpoint_url)
        signing = clients.s3_for_links(self.session, endpoint_url=self.endpoint_url)
        return S3Files(client, signing, bucket)

    @cached_property
    def figures(self) -> DynamoFigures:
        """The counts of days, in the tickets table."""
        return DynamoFigures(self._table("tickets_table"))

    @cached_property
    def purse(self) -> DynamoPurse:
        """What engines took, in the tickets table."""
        return DynamoPurse(self._table("tickets_table"))

    def held_seconds(self, at_once: int) -> HeldSeconds:
        """The meter of requests that are held, in the tickets table."""
        return HeldSeconds(self.rates, at_once)

    @cached_property
    def rates(self) -> DynamoBuckets:
        """How much each caller asked recently, in the tickets table."""
        table = clients.table(
            self.resources["tickets_table"],
            self.session,
            endpoint_url=self.endpoint_url,
            config=BRISK,
        )
        return DynamoBuckets(table)

    @cached_property
    def mailbox(self) -> DynamoMailbox:
        """What became of mails, and which tickets they belong to, in the tickets table."""
        return DynamoMailbox(self._table("tickets_table"))

    @cached_property
    def mails(self) -> StoredMails:
        """The mails as they came."""
        s3 = clients.s3(self.session, endpoint_url=self.endpoint_url)
        return StoredMails(s3, self.resources["mail_bucket"])

    @cached_property
    def knowledge(self) -> DynamoKnowledge:
        """The articles, their history and the canned replies."""
        return DynamoKnowledge(self._knowledge_table)

    @cached_property
    def articles(self) -> DynamoKnowledge:
        """The articles for functions, which notice another edition as late as another model."""
        return DynamoKnowledge(self._knowledge_table, lag=LAG)

    @cached_property
    def texts(self) -> DynamoTexts:
        """What the desk says beside its articles."""
        return DynamoTexts(self._knowledge_table)

    @cached_property
    def documents(self) -> DynamoDocuments:
        """The documents that drafts may quote."""
        return DynamoDocuments(self._knowledge_table)

    @cached_property
    def replies(self) -> DynamoReplies:
        """The replies of agents that drafts may repeat, in the tickets table."""
        return DynamoReplies(self._table("tickets_table"))

    @cached_property
    def editions(self) -> DynamoEditions:
        """The editions of the knowledge, with their golden sets."""
        return DynamoEditions(self._knowledge_table, self.models)

    @cached_property
    def records(self) -> DynamoRecords:
        """What the shop knows of its customers."""
        return DynamoRecords(self._table("records_table"), partial(datetime.now, UTC))

    @cached_property
    def trainer(self) -> Trainer:
        """The function that learns the knowledge."""
        client = clients.lambda_(
            self.session, endpoint_url=self.endpoint_url, config=clients.LESSON
        )
        return Trainer(client, self.resources["trainer_function_name"])

    @cached_property
    def models(self) -> PublishedModels:
        """The published models, with the choice among them."""
        s3 = clients.s3(self.session, endpoint_url=self.endpoint_url)
        return PublishedModels(s3, self.resources["bucket"], self._knowledge_table)

    def queue(self, name: str, *, wait: timedelta = timedelta(0)) -> SqsQueue:
        """Return a queue by its name, such as `intake`; a receive waits `wait` for a message."""
        return SqsQueue(self._sqs, self.resources[f"{name}_queue_url"], wait=wait)

    def missing(self) -> tuple[Missing, ...]:
        """Return what does not answer of what a question needs: tables, queues, a model."""
        queues = {name: self.queue(name) for name in ("intake", "escalation")}
        return missing(self._table("tickets_table"), self._knowledge_table, queues)

    def dead_letters(self, name: str) -> SqsDeadLetters:
        """Return the dead letters of a queue by its name, such as `intake`, or of the `trainer`.

        The trainer is told by a table's stream and not by a queue: what it missed it makes up for
        by learning again.
        """
        letters = self.resources[f"{name}_dead_letters_url"]
        if name == "trainer":
            return SqsDeadLetters(self._sqs, name, letters, lambda _: self.trainer.learn())
        queue = self.resources[f"{name}_queue_url"]
        return SqsDeadLetters(
            self._sqs,
            name,
            letters,
            lambda body: self._sqs.send_message(QueueUrl=queue, MessageBody=body),
        )

    def invoke(self, function: str, event: bytes) -> tuple[bool, bytes]:
        """Invoke a function with an event in JSON; return whether it answered, and what it said."""
        client = clients.lambda_(self.session, endpoint_url=self.endpoint_url)
        name = self.resources[f"{function}_function_name"]
        answer = client.invoke(FunctionName=name, Payload=event)
        return not answer.get("FunctionError"), answer["Payload"].read()

    @cached_property
    def _knowledge_table(self) -> Table:
        return self._table("knowledge_table")

    @cached_property
    def _sqs(self) -> "SQSClient":
        return clients.sqs(self.session, endpoint_url=self.endpoint_url)

    @cached_property
    def _dynamodb(self) -> Any:
        return clients.dynamodb(self.session, endpoint_url=self.endpoint_url)

    def _table(self, name: str) -> Table:
        return Table(self.resources[name], self._dynamodb)
