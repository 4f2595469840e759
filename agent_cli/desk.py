"""What an agent works with in one thread: the stack's parts, the workplace, the lead's tools."""

import json
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import TYPE_CHECKING

from helpdesk.agents import LEASE, Arranger, Kept, Overview
from helpdesk.composition import Parts, Resources
from helpdesk.curation import Adopter, Canner, Curator, Librarian, Replacer, Stater, TextEditor
from helpdesk.curation.leads import check_lead
from helpdesk.ticket import Agent, check_text

if TYPE_CHECKING:
    from helpdesk.contract import AnalysisOut, PredictionOut
    from helpdesk.figures import Board, Figures
    from helpdesk.incidents import Found
    from helpdesk.knowledge import Amendment
    from helpdesk.learning import Foretold, Published
    from helpdesk.notifying import Switchboard
    from helpdesk.operations import DeadLetterQueue, QueueStatus
    from helpdesk.receiving import Originals, Quarantine, Trials
    from helpdesk.records import Forgetting, Registry
    from helpdesk.redrafting import Spent
    from helpdesk.ticket import CustomerKey

QUEUES = ("intake", "escalation", "mail", "outbox", "files", "notices", "drafts")
"""The queues by the names people use."""

DEAD_LETTERS = (*QUEUES, "trainer")
"""Where dead letters come from; the trainer has no queue and learns again instead."""


class ExtractionError(Exception):
    """The deployed stack could not read a document; the message says why."""


class PredictionError(Exception):
    """The deployed stack could not say how it would answer a text; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Desk:
    """The parts of a stack as one agent uses them. Belongs to the thread it was made in."""

    outputs: Mapping[str, str]
    parts: Parts
    agent: Callable[[], Agent]
    clock: Callable[[], datetime]

    @property
    def queues(self) -> tuple[str, ...]:
        """The queues of the stack; one of an earlier version has fewer."""
        return tuple(each for each in QUEUES if f"{each.title()}QueueUrl" in self.outputs)

    @property
    def dead_letters(self) -> tuple[str, ...]:
        """Where dead letters of the stack come from."""
        return tuple(
            each for each in DEAD_LETTERS if f"{each.title()}DeadLettersUrl" in self.outputs
        )

    @property
    def lease(self) -> timedelta:
        """How long an agent holds a ticket without a sign of life; the stack says it.

        A stack of an earlier version does not say it.
        """
        minutes = self.outputs.get("LeaseMinutes")
        return timedelta(minutes=int(minutes)) if minutes else LEASE

    @property
    def dollars_a_day(self) -> float | None:
        """What the engine that writes drafts may cost in a day; None if the stack has none."""
        most = self.outputs.get("EngineDollarsADay")
        return float(most) if most else None

    @property
    def overview(self) -> Overview:
        """What agents can look at; AWS is not asked which agent looks."""
        return Overview(
            tickets=self.parts.tickets,
            articles=self.parts.knowledge,
            clock=self.clock,
            files=self.parts.attachments,
        )

    def workplace(
        self,
        *,
        warn: Callable[[str], None] = lambda _: None,
        conflicts: Callable[[str], None] = lambda _: None,
    ) -> Arranger:
        """Return the agent's workplace.

        `warn` gets a text if the queue refuses a call. `conflicts` gets the id of each ticket that
        a colleague took first.
        """
        return Arranger(
            agent=self.agent(),
            tickets=self.parts.tickets,
            escalations=self.parts.queue("escalation", wait=timedelta(seconds=1)),
            articles=self.parts.knowledge,
            clock=self.clock,
            files=self.parts.attachments,
            warn=warn,
            conflicts=conflicts,
            lease=self.lease,
        )

    @property
    def kept(self) -> Kept:
        """How long a ticket that an agent opens is kept, and the desk's calendar."""
        outputs = Resources.of_outputs(self.outputs)
        return Kept(
            token_life=timedelta(days=float(outputs["token_days"])),
            retention=timedelta(days=float(outputs["retention_days"])),
            calendar=outputs.names.get("business_hours", ""),
            scale=outputs.names.get("severity", ""),
        )

    @property
    def curator(self) -> Curator:
        """The lead's tools for the knowledge."""
        return Curator(lead=self.agent(), knowledge=self.parts.knowledge, clock=self.clock)

    @property
    def texts(self) -> TextEditor:
        """What customers get beside articles; only leads may change it."""
        return TextEditor(agent=self.agent(), shelf=self.parts.texts, clock=self.clock)

    @property
    def canner(self) -> Canner:
        """The canned replies; only leads may change them."""
        return Canner(agent=self.agent(), shelf=self.parts.knowledge)

    @property
    def quarantine(self) -> "Quarantine":
        """The mails that are held as spam, which leads may release."""
        from helpdesk.receiving import Quarantine

        return Quarantine(
            agent=self.agent(),
            shelf=self.parts.mailbox,
            days=int(self.outputs.get("RawMailDays", "0")),
            ask=self.parts.release,
            forget_raw=self.parts.mails.forget,
            clock=self.clock,
        )

    @property
    def originals(self) -> "Originals":
        """The mails of tickets as they came."""
        from helpdesk.receiving import Originals

        return Originals(
            letters=self.parts.mailbox,
            fetch=self.parts.mails.fetch,
            there=lambda ticket_id: self.parts.tickets.get(ticket_id) is not None,
        )

    @property
    def address(self) -> str:
        """The address at which customers write to the desk."""
        from helpdesk.settings import NO_DOMAIN

        domain = self.outputs.get("MailDomain", NO_DOMAIN)
        return f"{self.parts.resources['mail_name']}@{domain}"

    @property
    def trials(self) -> "Trials":
        """The test mails that leads send. Raises ResourceError."""
        from helpdesk.receiving import Trials

        return Trials(
            agent=self.agent(),
            address=self.address,
            shelf=self.parts.mailbox,
            store=self.parts.mails.store,
            new_name=lambda: token_hex(16),
            clock=self.clock,
        )

    def fares(self) -> "list[QueueStatus]":
        """Return how each queue fares: its messages, and the tickets that wait."""
        return [self._fares(name) for name in self.queues]

    def _fares(self, name: str) -> "QueueStatus":
        from helpdesk.operations import QueueStatus
        from helpdesk.ticket import Awaiting, Listing

        listing = {"intake": Listing.RECEIVED, "escalation": Listing.ESCALATED}.get(name)
        depth = self.parts.queue(name).measure()
        dead = self.parts.dead_letters(name).measure()
        return QueueStatus(
            queue=name,
            visible=depth.visible,
            in_flight=depth.in_flight,
            delayed=depth.delayed,
            dead_letters=dead.visible + dead.in_flight + dead.delayed,
            waiting=self.parts.tickets.waiting(Awaiting(name)) if listing else 0,
            oldest=self.parts.tickets.oldest(listing) if listing else None,
        )

    def spent(self, days: int) -> "list[Spent]":
        """Return what the engine that writes drafts took on each of the last days, today first."""
        today = self.clock().astimezone(UTC).date()
        return [self.parts.purse.spent(today - timedelta(days=each)) for each in range(days)]

    def letters_of(self, queue: str | None = None) -> "list[DeadLetterQueue]":
        """Return where dead letters are: those of one queue, or of all."""
        names = [each for each in self.dead_letters if queue in {None, each}]
        return [self.parts.dead_letters(each) for each in names]

    def incidents(self, hours: int) -> "Found":
        """Return what may be incidents of the last hours."""
        from helpdesk.incidents import Rules, suspected

        return suspected(self.parts.tickets, self.clock(), Rules(span=timedelta(hours=hours)))

    @property
    def switchboard(self) -> "Switchboard":
        """The channels by which leads are told. Raises RulesError."""
        from helpdesk.notifying import Switchboard, audience

        told = self.outputs.get("Notified", ""), self.outputs.get("NotifyRules", "")
        return Switchboard(
            agent=self.agent(),
            heard_by=audience(*told),
            records=self.parts.tickets.notices,
            try_out=self.try_out,
        )

    def try_out(self, channel: str) -> str | None:
        """Have the courier post a sample; return why it was not taken. Raises TrialError."""
        from helpdesk.notifying import TrialError

        answered, said = self.parts.invoke("courier", json.dumps({"test": channel}).encode())
        if not answered:
            raise TrialError("the courier failed; its log says why")
        fault: str | None = json.loads(said)["fault"]
        return fault

    def figures(self, days: int) -> "Figures":
        """Return the figures of the last days, today among them."""
        from helpdesk import figures

        tickets = self.parts.tickets
        return figures.figures(
            days, shelf=self.parts.figures, found=tickets.found, now=self.clock()
        )

    def board(self, days: int) -> "Board":
        """Return what a board shows of the last days, today among them."""
        from helpdesk import figures

        tickets = self.parts.tickets
        return figures.board(days, shelf=self.parts.figures, found=tickets.found, now=self.clock())

    @property
    def registry(self) -> "Registry":
        """What leads do with the records of customers. Raises ResourceError."""
        from helpdesk.records import Registry

        return Registry(
            agent=self.agent(),
            shelf=self.parts.records,
            life=timedelta(days=int(self.outputs["RetentionDays"])),
            clock=self.clock,
        )

    @property
    def records(self) -> "Forgetting":
        """What forgets the records of customers; a stack of an earlier version has none."""
        from helpdesk.records import NOTHING_KEPT

        return self.parts.records if "RecordsTable" in self.outputs else NOTHING_KEPT

    def has_records(self, keys: "Iterable[CustomerKey]") -> bool:
        """Tell whether there are records of a customer with one of these keys."""
        if "RecordsTable" not in self.outputs:
            return False
        held = (self.parts.records.held(each) for each in keys)
        return any(each.orders or each.record for each in held)

    @property
    def stater(self) -> Stater:
        """The lead's tools for the desk's facts."""
        return Stater(lead=self.agent(), knowledge=self.parts.knowledge, clock=self.clock)

    @property
    def librarian(self) -> Librarian:
        """The lead's tools for the documents that drafts may quote."""
        return Librarian(lead=self.agent(), shelf=self.parts.documents, clock=self.clock)

    @property
    def adopter(self) -> Adopter:
        """The lead's tools for the replies that drafts may repeat."""
        return Adopter(
            lead=self.agent(),
            tickets=self.parts.tickets,
            articles=self.parts.knowledge,
            shelf=self.parts.replies,
            clock=self.clock,
        )

    def extract(self, content: bytes, name: str) -> str:
        """Have the documents function read a file. Raises ExtractionError, which says why not."""
        asked = {"read": {"name": name, "content": b64encode(content).decode()}}
        answered, said = self.parts.invoke("documents", json.dumps(asked).encode())
        found = json.loads(said)
        if not answered or "text" not in found:
            raise ExtractionError(f"{name} was not read: the function failed; see its log")
        if found["why"]:
            raise ExtractionError(f"{name} was not read. {found['why']}")
        if found["cut"]:
            raise ExtractionError(f"{name} has more text than is read of one file: divide it")
        text: str = found["text"]
        return text

    @property
    def replacer(self) -> Replacer:
        """The lead who replaces the whole knowledge."""
        return Replacer(
            lead=self.agent(),
            editions=self.parts.editions,
            rehearse=self.rehearse,
            clock=self.clock,
        )

    def rehearse(self, number: int) -> "Published":
        """Have the trainer judge an edition that is not in force. Raises LessonError."""
        return self.parts.trainer.rehearse(number)

    def roll_back(self, version: str | None) -> "Published":
        """Put an earlier model in force, by default the one before the present one.

        Raises NotAllowedError for an agent who is not a lead, NotFoundError if there is no such
        model, and ConflictError if another came into force meanwhile.
        """
        check_lead(self.agent())
        return self.parts.models.roll_back(version)

    def foretell(self, amendment: "Amendment") -> "Foretold":
        """Have the trainer tell what a change of one article would do.

        Raises NotAllowedError for an agent who is not a lead, or LessonError.
        """
        check_lead(self.agent())
        return self.parts.trainer.foretell(amendment)

    def predict(self, text: str) -> "PredictionOut":
        """Ask the deployed stack how it would answer a text.

        Raises TextError for a text that is blank or too long, or PredictionError.
        """
        from helpdesk.contract import PredictIn, PredictionsOut

        asked = PredictIn(texts=[check_text(text)]).model_dump_json()
        return PredictionsOut.model_validate_json(self._posted("/predict", asked)).predictions[0]

    def analyse(self, text: str) -> "AnalysisOut":
        """Ask the deployed stack what would become of a text: its level, team, urgency and so on.

        The stack keeps the analysis for an hour. Raises TextError or PredictionError.
        """
        from helpdesk.contract import AnalysisIn, AnalysisOut

        asked = AnalysisIn(text=check_text(text)).model_dump_json(exclude_none=True)
        return AnalysisOut.model_validate_json(self._posted("/analyses", asked))

    def _posted(self, path: str, body: str) -> str:
        """Return what the predict function answers to a request. Raises PredictionError."""
        # The function expects an event of API Gateway; a direct call needs no API key.
        event = {
            "httpMethod": "POST",
            "headers": {"content-type": "application/json"},
            "multiValueQueryStringParameters": None,
            "pathParameters": None,
            "stageVariables": None,
            "isBase64Encoded": False,
            "body": body,
            "requestContext": {"resourcePath": path, "httpMethod": "POST", "identity": {}},
        }
        answered, said = self.parts.invoke("predict", json.dumps(event).encode())
        response = json.loads(said)
        if not answered or response.get("statusCode") != 200:
            raise PredictionError(f"the desk could not answer: {response.get('body', response)}")
        answer: str = response["body"]
        return answer
