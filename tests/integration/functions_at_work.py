"""What each function does with AWS: all its roads, walked over the template's own stack."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from unittest import mock

import boto3
from botocore.client import BaseClient
from helpdesk import (
    assisting,
    collecting,
    customers,
    erasure,
    figures,
    files,
    helpcenter,
    learning,
    notifying,
    outbox,
    processing,
    reconciling,
    redrafting,
    steps,
    ticket,
    watching,
)
from helpdesk.access import IdempotencyKey
from helpdesk.analysing import Kept, Message
from helpdesk.aws import clients
from helpdesk.aws.analyses import DynamoAnalyses
from helpdesk.aws.attachments import DynamoAttachments
from helpdesk.aws.buckets import DynamoBuckets
from helpdesk.aws.conversations import DynamoConversations
from helpdesk.aws.documents import DynamoDocuments
from helpdesk.aws.editions import DynamoEditions
from helpdesk.aws.figures import DynamoFigures
from helpdesk.aws.knowledge import DynamoKnowledge
from helpdesk.aws.mails import StoredMails
from helpdesk.aws.models import GOLDEN_KEY, PublishedModels
from helpdesk.aws.places import SsmPassword
from helpdesk.aws.queues import SqsMailQueue, SqsNoticeQueue, SqsQueue
from helpdesk.aws.records import DynamoRecords
from helpdesk.aws.replies import DynamoReplies
from helpdesk.aws.secrets import engine_key
from helpdesk.aws.ses import SesSender
from helpdesk.aws.texts import DynamoTexts
from helpdesk.aws.tickets import DynamoTickets
from helpdesk.belonging import Decision
from helpdesk.cases import Rules as CaseRules
from helpdesk.composition import Parts, Resources, suggesting
from helpdesk.composition.engine import DrafterParts
from helpdesk.composition.folder import FolderParts
from helpdesk.evidence.gathering import DeskPassages
from helpdesk.figures import Fault, Kind
from helpdesk.knowledge import Lookup, StatusAnswer
from helpdesk.limits import ONE, Bucket, Gate, Limit
from helpdesk.mail import Keys, return_path
from helpdesk.notifying import AgainError, Channel, GoneError, LaterError, Notifier
from helpdesk.outbox import Desk, RefusedError
from helpdesk.ports import Letter, QueueName
from helpdesk.receiving import Filing, Mailroom, Outcome, Rules
from helpdesk.repeating import Guard
from helpdesk.settings import DrafterSettings, EngineKind, PagesSettings, PredictSettings
from helpdesk.ticket import Listing
from helpdesk.triage import Answer, Escalate, Policy, Reason
from helpdesk.understanding.indexing import PassageIndexer
from helpdesk.understanding.live_evidence import LiveEvidence
from helpdesk.understanding.passage_index import PassageIndex

from tests.assisted import FixedEvidence, a_passage
from tests.fakes import (
    ADA,
    KNOWN,
    LEAD,
    MORNING,
    UNKNOWN,
    Clock,
    ScriptedUnderstander,
    an_article,
    an_understanding,
)
from tests.filing import an_attachment, reads_as_text
from tests.holding import held
from tests.integration.conftest import Stack
from tests.integration.recorded_calls import OF_A_SECRET, Call, recording
from tests.mailing import by_mail, known
from tests.mailroom import bill
from tests.mails import BLOCK, part, whole
from tests.mails import mail as ada_writes
from tests.mails import parts as mixed
from tests.notices import Board
from tests.tickets import a_draft
from tests.unit.test_understanding_model import WordVectors

A_MODEL = learning.Published(
    version="v1", at=datetime(2026, 3, 2, tzinfo=UTC), knowledge="digest", figures=None
)

HOUR = timedelta(hours=1)

UNRECORDED = BaseClient._make_api_call
"""Calls AWS while what is called is recorded, without being recorded."""

TOLD = notifying.audience("webhook")

ENGINE = DrafterSettings(
    tickets_table="",
    queue_patience=120,
    knowledge_table="",
    bucket="",
    drafts_queue_url="",
    engine=EngineKind.BEDROCK,
    engine_model="eu.amazon.nova-lite-v1:0",
    engine_dollars_a_day=5,
    engine_tokens_a_ticket=60_000,
    engine_read_price=3_000_000,
    engine_written_price=15_000_000,
)

LAWYER = "My lawyer will sue you"

PARCEL = "where is my parcel"
TRACKING = an_article(
    "track_order",
    needs=Lookup.ORDER,
    by_status=(StatusAnswer(status="shipped", answer="On its way."),),
)
KIM = ticket.Customer(email="kim@x.example", name="Kim", reference="C-1")


def tickets_of(stack: Stack) -> DynamoTickets:
    return DynamoTickets(
        clients.table(stack.outputs["TicketsTable"]),
        post=mails_of(stack).send,
        heard_by=TOLD,
        notify=notices_of(stack).send,
        forget_raw=StoredMails(clients.s3(), stack.outputs["MailBucket"]).forget,
    )


def mails_of(stack: Stack) -> SqsMailQueue:
    return SqsMailQueue(clients.sqs(), stack.outputs["OutboxQueueUrl"])


def notices_of(stack: Stack, name: str = "NoticesQueueUrl") -> SqsNoticeQueue:
    return SqsNoticeQueue(clients.sqs(), stack.outputs[name])


def figures_of(stack: Stack) -> DynamoFigures:
    return DynamoFigures(clients.table(stack.outputs["TicketsTable"]))


def texts_of(stack: Stack) -> DynamoTexts:
    return DynamoTexts(clients.table(stack.outputs["KnowledgeTable"]))


def queues_of(stack: Stack) -> tuple[SqsQueue, SqsQueue]:
    """Return the intake and the escalation queue."""
    intake, escalation = (stack.outputs[f"{name}QueueUrl"] for name in ("Intake", "Escalation"))
    return SqsQueue(clients.sqs(), intake), SqsQueue(clients.sqs(), escalation)


def submit(
    tickets: DynamoTickets, intake: SqsQueue, text: str, key: str | None = None
) -> customers.Receipt:
    return customers.submit(
        customers.Question(text=text, customer=KIM, channel="web"),
        key=IdempotencyKey("shop", key) if key else None,
        tickets=tickets,
        intake=intake,
        terms=customers.Terms(token_life=timedelta(days=90), retention=timedelta(days=400)),
        now=datetime.now(UTC),
    )


def intake(stack: Stack) -> list[Call]:
    tickets, (queue, escalations) = tickets_of(stack), queues_of(stack)
    parts = Parts(resources=Resources.of_outputs(stack.outputs))
    with recording(stack) as calls:
        assert [each.what for each in parts.missing()] == ["knowledge"]
        receipt = _customers_day(tickets, queue, escalations, texts_of(stack))
        _customers_files(tickets, queue, parts)
        buckets = DynamoBuckets(clients.table(stack.outputs["TicketsTable"]))
        buckets.draw(Bucket("address", "192.0.2.1", Limit(1, 1)), ONE, datetime.now(UTC))
        parts.held_seconds(300).take(19.0, datetime.now(UTC))
    now = datetime.now(UTC)
    found = tickets.get(receipt.ticket_id)
    assert found
    letter = Letter(
        key="inbound/kim",
        sender=KIM.email,
        subject="",
        standing="proven",
        message_id="1@x.example",
        indexed=True,
    )
    tickets.commit(ticket.follow_up(found, "By mail.", now=now), letter)
    _kept_elsewhere(stack, receipt.ticket_id, tickets)
    once = Guard(IdempotencyKey("shop", "key"))
    with recording(stack) as more:
        for _ in range(2):
            erasure.erase(
                receipt.ticket_id, receipt.token, guard=once, tickets=tickets, clock=lambda: now
            )
    return calls + more


def _kept_elsewhere(stack: Stack, ticket_id: str, tickets: DynamoTickets) -> None:
    """Keep everything else that ends with a ticket: of its lead, its customer, their messages."""
    table = clients.table(stack.outputs["TicketsTable"])
    table.put_all([{"pk": f"OVERRIDE#{ticket_id}", "sk": "EVENT#000001"}])
    place = Message(text=KNOWN, customer=KIM, files=()).place("v1", "")
    DynamoAnalyses(table).put(place, Kept("{}", datetime.now(UTC)))
    talked = assisting.Conversation(id="1" * 16, customer=KIM, version=1)
    DynamoConversations(table, HOUR).put(talked, datetime.now(UTC))
    one, other, *_ = KIM.keys
    tickets.bonds.decide(
        Decision(one=one, other=other, together=True, by="lena", at=datetime.now(UTC), reason="one")
    )


def _customers_day(
    tickets: DynamoTickets, intake: SqsQueue, escalations: SqsQueue, texts: DynamoTexts
) -> customers.Receipt:
    """Ask twice with one key, fetch, get a reply, rate it twice with one key, go on at length."""
    receipt = submit(tickets, intake, KNOWN, key="key")
    assert submit(tickets, intake, KNOWN, key="key") == receipt
    now = datetime.now(UTC)
    customers.fetch(receipt.ticket_id, receipt.token, tickets=tickets, now=now)
    watching.watch(
        receipt.ticket_id,
        receipt.token,
        seen=None,
        hold=held(0),
        tickets=tickets,
        clock=lambda: now,
        sleep=lambda _: None,
    )
    received = tickets.get(receipt.ticket_id)
    assert received
    given_up = ticket.give_up(received, now=now)
    tickets.commit(given_up)
    claimed = ticket.claim(given_up.after, ADA, now=now, length=timedelta(minutes=15))
    tickets.commit(claimed)
    tickets.commit(ticket.reply(claimed.after, ADA, "Done.", now=now))
    once = Guard(IdempotencyKey("shop", "key"))
    for _ in range(2):
        customers.rate(
            receipt.ticket_id,
            receipt.token,
            helpful=False,
            comment=None,
            guard=once,
            tickets=tickets,
            escalations=escalations,
            texts=texts,
            now=now,
        )

    long = tickets.get(receipt.ticket_id)
    assert long is not None
    for number in range(120):  # more than one transaction takes
        change = ticket.follow_up(long, f"And {number}?", now=now)
        tickets.commit(change)
        long = change.after
    return receipt


def _customers_files(tickets: DynamoTickets, intake: SqsQueue, parts: Parts) -> None:
    """Announce two files, of which one arrives; list them, fetch it, have the ticket erased."""
    receipt, now = submit(tickets, intake, KNOWN), datetime.now(UTC)
    register, bucket = parts.attachments, parts.files
    own = {"tickets": tickets, "now": now}
    wanted = files.Announcement("a.txt", "text/plain", 5)
    for _ in range(2):
        files.announce(
            receipt.ticket_id, receipt.token, wanted, register=register, links=bucket, **own
        )
    arrive(parts, receipt.ticket_id, tickets, intake)
    files.files_of(receipt.ticket_id, receipt.token, files=register, **own)
    files.link_to(receipt.ticket_id, receipt.token, "1", register=register, links=bucket, **own)
    erasure.erase(
        receipt.ticket_id, receipt.token, tickets=tickets, files=bucket, clock=lambda: now
    )


def arrive(parts: Parts, ticket_id: str, tickets: DynamoTickets, intake: SqsQueue) -> None:
    """Let the first file of a ticket arrive and be read; what that takes is not recorded."""
    with mock.patch.object(BaseClient, "_make_api_call", UNRECORDED):
        at = {"Bucket": parts.resources["files_bucket"], "Key": files.key_of(ticket_id, 1)}
        clients.s3().put_object(**at, Body=b"12345")
        take_in(parts, ticket_id, tickets, intake)


def take_in(
    parts: Parts, ticket_id: str, tickets: DynamoTickets, intake: SqsQueue, *, scanned: bool = False
) -> files.Outcome:
    return files.take_in(
        files.Arrival(ticket_id, 1),
        register=parts.attachments,
        vault=parts.files,
        read=reads_as_text,
        scanned=scanned,
        tickets=tickets,
        intake=intake,
    )


def documents(stack: Stack) -> list[Call]:
    tickets, (intake, _) = tickets_of(stack), queues_of(stack)
    parts = Parts(resources=Resources.of_outputs(stack.outputs))
    receipts = [submit(tickets, intake, KNOWN) for _ in range(2)]
    for each in receipts:
        files.announce(
            each.ticket_id,
            each.token,
            files.Announcement("a.txt", "text/plain", 5),
            tickets=tickets,
            register=parts.attachments,
            links=parts.files,
            now=datetime.now(UTC),
        )
        at = {"Bucket": stack.outputs["FilesBucket"], "Key": files.key_of(each.ticket_id, 1)}
        clients.s3().put_object(**at, Body=b"12345")
    read, erased = receipts
    erasure.erase(erased.ticket_id, erased.token, tickets=tickets, clock=lambda: datetime.now(UTC))
    with recording(stack) as calls:
        outcomes = [
            take_in(parts, read.ticket_id, tickets, intake, scanned=True),
            take_in(parts, read.ticket_id, tickets, intake),
            take_in(parts, erased.ticket_id, tickets, intake),
        ]
        figures_of(stack).add(Kind.FILES, "read", MORNING)

    wanted = [files.Outcome.WAITING, files.Outcome.READ, files.Outcome.DISCARDED]
    assert outcomes == wanted
    return calls


def worker(stack: Stack) -> list[Call]:
    tickets, (intake, escalations) = tickets_of(stack), queues_of(stack)
    knowledge = clients.table(stack.outputs["KnowledgeTable"])
    articles = DynamoKnowledge(knowledge)
    articles.put(an_article("refund"))
    articles.put(TRACKING)
    models = PublishedModels(clients.s3(), stack.outputs["Bucket"], knowledge)
    encoder = WordVectors()
    indexer, passages = PassageIndexer(encoder), passages_of(stack)
    index = indexer.index(passages.of("article:refund"), before=None)
    models.keep_index(index.name, index.data)
    models.publish(replace(A_MODEL, index=index.name), b"model")
    asked, unknown, failed, parcel = (
        submit(tickets, intake, text).ticket_id for text in (KNOWN, UNKNOWN, UNKNOWN, PARCEL)
    )
    by_mail_too = _came(tickets)
    records = DynamoRecords(clients.table(stack.outputs["RecordsTable"]), lambda: MORNING)

    def now() -> datetime:
        return datetime.now(UTC)

    with recording(stack) as calls:
        current = models.current()
        assert current is not None
        models.load(current.version)
        for ticket_id in (asked, unknown, by_mail_too.id, parcel):
            processing.process(
                ticket_id,
                tickets=tickets,
                articles=articles,
                texts=texts_of(stack),
                understander=ScriptedUnderstander(
                    {
                        KNOWN: an_understanding(("refund", 0.9)),
                        PARCEL: an_understanding(("track_order", 0.9)),
                    }
                ),
                escalations=escalations,
                policy=Policy(),
                clock=now,
                rules=CaseRules(),
                propose=lambda *_: a_draft(),
                drafts=Parts(resources=Resources.of_outputs(stack.outputs)).queue("drafts"),
                records=records,
            )
        processing.give_up(
            failed,
            tickets=tickets,
            texts=texts_of(stack),
            escalations=escalations,
            clock=now,
        )
        # Where the table is busy, the opening is read with a query.
        tickets.conversation(asked)
        evidence = LiveEvidence(
            models,
            passages,
            open_index=lambda name: PassageIndex.from_bytes(models.load_index(name)),
            encoder=lambda: encoder,
            clock=now,
        )
        assert evidence.found(KNOWN, an_understanding(("refund", 0.9)))

    return calls


def passages_of(stack: Stack) -> DeskPassages:
    knowledge = clients.table(stack.outputs["KnowledgeTable"])
    return DeskPassages(
        articles=DynamoKnowledge(knowledge),
        documents=DynamoDocuments(knowledge),
        replies=DynamoReplies(clients.table(stack.outputs["TicketsTable"])),
        clock=lambda: datetime.now(UTC),
    )


def _came(tickets: DynamoTickets, ticket_id: str = "1" * 16, text: str = KNOWN) -> ticket.Ticket:
    """Store a ticket that came by mail."""
    change = by_mail(ticket_id, text)
    tickets.outbox.correspond(known(ticket_id), expires_at=change.after.expires_at)
    tickets.commit(change)
    return change.after


def reconciler(stack: Stack) -> list[Call]:
    tickets, (intake, escalations) = tickets_of(stack), queues_of(stack)
    submit(tickets, intake, UNKNOWN)
    lost = submit(tickets, intake, UNKNOWN).ticket_id
    processing.give_up(
        lost,
        tickets=tickets,
        texts=texts_of(stack),
        escalations=escalations,
        clock=lambda: datetime.now(UTC),
    )
    unread = submit(tickets, intake, UNKNOWN).ticket_id
    register = DynamoAttachments(clients.table(stack.outputs["TicketsTable"]))
    file = an_attachment(unread)
    register.add(file)
    read = replace(file, state=files.State.READY, version=2)
    register.change(file, read, text="My lawyer will sue.")
    late = _came(tickets)
    answer = Answer(an_article("refund"))
    tickets.commit(ticket.settle(late, an_understanding(), answer, now=MORNING))
    clock = Clock(datetime.now(UTC))
    made: list[Call] = []
    for _ in range(reconciling.NUDGES_BEFORE_GIVING_UP + 1):
        for queue in ("IntakeQueueUrl", "EscalationQueueUrl"):
            clients.sqs().purge_queue(QueueUrl=stack.outputs[queue])
        clock.advance(timedelta(hours=2))
        with recording(stack) as calls:
            reconciling.reconcile(
                tickets=tickets,
                texts=texts_of(stack),
                queues={QueueName.INTAKE: intake, QueueName.ESCALATION: escalations},
                clock=clock,
                files=register,
            )
            reconciling.post_again(tickets.outbox, post=mails_of(stack).send, clock=clock)
            reconciling.post_again(tickets.notices, post=notices_of(stack).send, clock=clock)
            figures.keep(days=figures_of(stack), events=tickets, clock=clock)
            assert tickets.oldest(Listing.ESCALATED)
            assert tickets.outbox.oldest()
            tickets.oldest(Listing.RECEIVED)
            tickets.notices.oldest()
        made += calls
    given_up = tickets.get(unread)
    assert given_up
    assert given_up.level == 3

    return made


def courier(stack: Stack) -> list[Call]:
    """Send, find the mark, be refused, be silent, give up; each on a ticket of its own."""
    tickets, (_, escalations) = tickets_of(stack), queues_of(stack)
    desk = Desk("support@shop.example", "The shop", "k" * 40)
    clock = Clock(datetime.now(UTC))
    ses = SesSender(clients.ses(), events="events")

    class Refusing:
        def send(self, data: bytes, *, return_path: str, to: str) -> str:
            raise RefusedError("never")

    def answered(number: int) -> str:
        came, answer = _came(tickets, f"{number:016}", LAWYER), Answer(an_article("refund"))
        tickets.commit(ticket.settle(came, an_understanding(), answer, now=clock()))
        return outbox.mail_id(came.id, 2)

    mails = [answered(number) for number in range(5)]
    with recording(stack) as calls:
        for mail, sender in zip(mails, (ses, Refusing(), ses, ses), strict=False):
            for _ in range(2):
                outbox.deliver(
                    mail,
                    outbox=tickets.outbox,
                    tickets=tickets,
                    escalations=escalations,
                    sender=sender,
                    desk=desk,
                    clock=clock,
                )
        outbox.give_up(
            mails[-1],
            outbox=tickets.outbox,
            tickets=tickets,
            escalations=escalations,
            clock=clock,
        )

    return calls + _notices(stack, tickets, clock)


def _notices(stack: Stack, tickets: DynamoTickets, clock: Clock) -> list[Call]:
    """Post, find the mark, be told to wait, be refused, and lose the receiver for good."""
    board = Board()
    queue = notices_of(stack)
    notifier = Notifier(
        notices=tickets.notices,
        tickets=tickets,
        posts={Channel.WEBHOOK: board},
        bury=notices_of(stack, "NoticesDeadLettersUrl").bury,
        clock=clock,
        jitter=lambda: 0.0,
    )
    for number in range(10, 14):
        came = _came(tickets, f"{number:016}", LAWYER)
        decision = Escalate(Reason.LEGAL)
        tickets.commit(ticket.settle(came, an_understanding(), decision, now=clock()))
    later, refused, gone = LaterError("busy"), notifying.RefusedError("404"), GoneError()
    with recording(stack) as calls:
        for number, fault in enumerate((None, later, refused, gone), 10):
            board.faults = [fault] if fault else []
            name = notifying.notice_id(f"{number:016}", 2, Channel.WEBHOOK)
            try:
                notifier.deliver(name, 1)
            except AgainError as error:
                queue.hide("receipt", error.after)
        assert notifier.deliver(notifying.notice_id(f"{10:016}", 2, Channel.WEBHOOK), 2)

    assert len(board.ids) == 1
    return calls


def _indexed(parts: Parts) -> LiveEvidence:
    """Publish a model with an index of what there is; return what finds evidence by it."""

    def now() -> datetime:
        return datetime.now(UTC)

    encoder, models = WordVectors(), parts.models
    passages = DeskPassages(
        articles=parts.knowledge, documents=parts.documents, replies=parts.replies, clock=now
    )
    index = PassageIndexer(encoder).index(passages.of("article:refund"), before=None)
    models.keep_index(index.name, index.data)
    models.publish(replace(A_MODEL, index=index.name), b"model")
    return LiveEvidence(
        models,
        passages,
        open_index=lambda name: PassageIndex.from_bytes(models.load_index(name)),
        encoder=lambda: encoder,
        clock=now,
    )


def _keep_keys() -> None:
    secrets = boto3.client("secretsmanager")
    if not secrets.list_secrets()["SecretList"]:
        secrets.create_secret(Name="engine", SecretString="k")
    clients.ssm().put_parameter(Name="/engine", Value="k", Type="SecureString", Overwrite=True)


def _read_keys() -> None:
    for name in ("/engine", f"{OF_A_SECRET}engine"):
        engine_key(clients.ssm, name)


def _assisted(stack: Stack, evidence: LiveEvidence) -> None:
    """Go on with a conversation that people must see, twice, and with one whose ticket is gone.

    Bedrock writes the drafts; the keys that other engines want are read too.
    """
    tickets, (_, escalations) = tickets_of(stack), queues_of(stack)
    parts = Parts(resources=Resources.of_outputs(stack.outputs))
    kept = parts.conversations(HOUR)
    an_order = an_understanding(("track_order", 0.9))
    engine = {"ENGINE": "bedrock", "ENGINE_MODEL": ENGINE.engine_model}
    settings = PredictSettings.from_env(stack.environments["PredictFunction"] | engine)
    desk = assisting.Desk(
        predict=lambda _, before: (an_order, Escalate(Reason.LEGAL)),
        evidence=evidence,
        records=parts.records,
        compose=suggesting.compose(settings, lambda: datetime.now(UTC)),
        conversations=kept,
        to_people=assisting.HandOver(
            tickets=tickets,
            texts=texts_of(stack),
            escalations=escalations,
            terms=customers.Terms(token_life=HOUR, retention=HOUR),
        ),
        vocabulary=steps.shipped(),
        clock=lambda: datetime.now(UTC),
    )
    lee = ticket.Customer(email="lee@x.example", reference="C-2")
    parts.replies.reply("0" * 16, 2)  # as evidence that names one does
    made = assisting.assist(assisting.Asked(text=LAWYER, customer=lee), desk)
    again = assisting.Asked(text=LAWYER, conversation=made.conversation)
    assisting.assist(again, desk)
    stored = kept.get(made.conversation)
    assert stored
    gone = replace(stored, ticket="0" * 16, version=stored.version + 1)
    kept.put(gone, datetime.now(UTC))
    assisting.assist(again, desk)
    heard = an_understanding(("refund", 0.9)), Escalate(Reason.LEGAL)
    found = FixedEvidence({"lawyer": ((a_passage("refund", "Within a week."), 0.9),)})
    desk = replace(desk, predict=lambda _, before: heard, evidence=found)
    assert assisting.assist(again, desk).draft.usage.calls == 1
    _read_keys()


def predict(stack: Stack) -> list[Call]:
    knowledge = clients.table(stack.outputs["KnowledgeTable"])
    articles = DynamoKnowledge(knowledge)
    articles.put(an_article("refund", answer="Within {period}."))
    parts = Parts(resources=Resources.of_outputs(stack.outputs))
    parts.records.note_import(datetime.now(UTC))
    models, evidence = parts.models, _indexed(parts)
    tickets, (queue, _) = tickets_of(stack), queues_of(stack)
    receipt = submit(tickets, queue, KNOWN)
    register = DynamoAttachments(clients.table(stack.outputs["TicketsTable"]))
    register.add(an_attachment(receipt.ticket_id))
    _keep_keys()

    with recording(stack) as calls:
        current = models.current()
        assert current is not None
        models.load(current.version)
        known = files.facts_of(
            receipt.ticket_id,
            receipt.token,
            [1],
            tickets=tickets,
            register=register,
            now=datetime.now(UTC),
        )
        register.text(receipt.ticket_id, 1)
        analyses = DynamoAnalyses(clients.table(stack.outputs["TicketsTable"]))
        place = Message(text=KNOWN, customer=KIM, files=known).place("v1", "")
        analyses.put(place, Kept("{}", datetime.now(UTC)))
        _assisted(stack, evidence)
        assert analyses.get(place)
        understander = ScriptedUnderstander({KNOWN: an_understanding(("refund", 0.9))})
        processing.predict(
            KNOWN, articles=articles, understander=understander, policy=Policy(), now=MORNING
        )

    return calls


class Teacher:
    """Fits nothing, and understands what the script says."""

    def __init__(self, version: str) -> None:
        self._version = version

    def fit(self, utterances: Mapping[str, Sequence[str]]) -> learning.Learned:
        return learning.Learned(self._version, b"model")

    def understander(self, data: bytes) -> ScriptedUnderstander:
        return ScriptedUnderstander({KNOWN: an_understanding(("refund", 0.9))})


def trainer(stack: Stack) -> list[Call]:
    knowledge = clients.table(stack.outputs["KnowledgeTable"])
    articles = DynamoKnowledge(knowledge)
    models = PublishedModels(clients.s3(), stack.outputs["Bucket"], knowledge)
    golden = json.dumps({"text": KNOWN, "intent": "refund"}).encode()
    clients.s3().put_object(Bucket=stack.outputs["Bucket"], Key=GOLDEN_KEY, Body=golden)
    models.publish(A_MODEL, b"model")
    articles.put(an_article("refund"))
    editions = DynamoEditions(knowledge, models)
    rules = learning.Rules(policy=Policy(), tolerance=0.02, target=0.95)
    indexer = PassageIndexer(WordVectors())
    library = learning.Library(passages_of(stack).all_of, indexer, models)

    with recording(stack) as calls:
        outcomes = [
            do(
                editions.to_learn(number),
                models=models,
                teacher=Teacher("v2"),
                rules=rules,
                clock=lambda: datetime.now(UTC),
                library=library,
            )[0]
            for do, number in ((learning.learn, None), (learning.rehearse, 0))
        ]
        models.refuse(replace(A_MODEL, refused=("intents",)))

    assert outcomes == [learning.Outcome.PUBLISHED, learning.Outcome.ACCEPTED]
    return calls


def _raised(error: Exception) -> None:
    raise error


def mails(stack: Stack) -> list[Call]:
    """Take a first mail twice, its answers, released spam, a complaint, and one that is gone."""
    parts = Parts(resources=Resources.of_outputs(stack.outputs), heard_by=TOLD)
    room = Mailroom(
        tickets=parts.tickets,
        outbox=parts.tickets.outbox,
        filing=Filing(parts.attachments, parts.files, life=timedelta(days=30)),
        gate=Gate(parts.rates, failed=_raised),
        threads=parts.mailbox,
        mailbox=parts.mailbox,
        texts=parts.texts,
        intake=parts.queue("intake"),
        escalations=parts.queue("escalation"),
        rules=Rules(
            mailbox="support@shop.example",
            keys=Keys("k" * 32),
            terms=customers.Terms(token_life=timedelta(days=90), retention=timedelta(days=400)),
            reopen_within=timedelta(days=14),
            held_for=timedelta(days=30),
            an_hour=20,
        ),
    )
    said = mixed("mixed", part("text/plain", b"Where is it?"), bill(b"%PDF-1"))
    first = BLOCK + b"Message-ID: <1@mail.example.com>\r\n" + whole(said)
    answer = BLOCK + ada_writes(b"In-Reply-To: <1@mail.example.com>", body=b"ok")
    spam = first.replace(b"Spam-Verdict: PASS", b"Spam-Verdict: FAIL")
    keys = [parts.mails.store(str(at), raw) for at, raw in enumerate((first, answer, spam))]
    now = datetime.now(UTC)
    with recording(stack) as calls:
        assert parts.mails.fetch("inbound/gone") is None
        taken = [room.take(key, parts.mails.fetch(key) or b"", now) for key in (keys[0], *keys)]
        ticket_id = taken[0].ticket_id or ""
        found = parts.tickets.get(ticket_id)
        assert found
    parts.tickets.commit(ticket.give_up(found, now=now))
    with recording(stack) as threat:
        room.take("inbound/threat", answer.replace(b"\nok", f"\n{LAWYER}".encode()), now)
    threatened = parts.tickets.get(ticket_id)
    assert threatened
    parts.tickets.commit(held := ticket.claim(threatened, LEAD, now=now, length=HOUR))
    parts.tickets.commit(ticket.reply(held.after, LEAD, "Shall I refund it?", now=now))
    with recording(stack) as more:
        for number, raw in enumerate((answer, answer.replace(b"\nok", b"\nWhen?"))):
            room.take(f"inbound/more-{number}", raw, now)
        released = room.release(keys[2], spam, now, by="lena")
        parts.figures.add(Kind.MAIL, "submitted", now)
        parts.figures.fault(Fault(now, "ValueError"))
        source = return_path("support@shop.example", ticket_id, 2, "k" * 32)
        who = {"complainedRecipients": [{"emailAddress": "ada@example.com"}]}
        told = {"eventType": "Complaint", "mail": {"source": source}, "complaint": who}
        heard = room.hear("1", json.dumps(told), now)
    assert (released.outcome, heard.outcome) == (Outcome.SUBMITTED, Outcome.BOUNCED)

    outcomes = [each.outcome for each in taken]
    assert outcomes == [
        Outcome.SUBMITTED,
        Outcome.REPEATED,
        Outcome.APPENDED,
        Outcome.QUARANTINED,
    ]
    return calls + threat + more


@dataclass(frozen=True)
class OneMail:
    """A folder with one mail."""

    validity: int = 7
    uid_next: int = 2

    def numbers(self, least: int, below: int | None, since: date | None) -> set[int]:
        return {1}

    def weigh(self, uid: int) -> collecting.Weight:
        return collecting.Weight(9, None)

    def fetch(self, uid: int) -> bytes:
        return ada_writes(body=b"Where is it?")


def mailbox(stack: Stack) -> list[Call]:
    """Take the one mail of a folder, with the password that the parameter has."""
    parts = FolderParts(resources=Resources.of_outputs(stack.outputs))
    clients.ssm().put_parameter(Name="/imap", Value="p", Type="SecureString", Overwrite=True)
    with recording(stack) as calls:
        SsmPassword(clients.ssm(), "/imap").read()
        collecting.collect(
            OneMail(),
            places=parts.places("imap.shop.example", "support", "INBOX"),
            store=parts.mails.store,
            rules=collecting.Rules(mailbox="support@shop.example", host="imap.shop.example"),
            left=lambda uid, size: None,
            clock=lambda: datetime.now(UTC),
            done=(done := collecting.Collected()),
        )
    assert done == collecting.Collected(fetched=1)
    return calls


def drafter(stack: Stack) -> list[Call]:
    """Have Bedrock write a draft, and read the keys that other engines want."""
    tickets, (intake, _) = tickets_of(stack), queues_of(stack)
    parts = DrafterParts(resources=Resources.of_outputs(stack.outputs))
    parts.knowledge.put(an_article(answer="You can follow your order."))
    found = tickets.get(submit(tickets, intake, UNKNOWN).ticket_id)
    assert found
    decision = Escalate(Reason.LOW_CONFIDENCE)
    settled = ticket.settle(found, an_understanding(), decision, now=datetime.now(UTC))
    (cited,) = a_draft().evidence
    quoted = a_draft(evidence=(replace(cited, id="article:refund"),))
    tickets.commit(ticket.with_draft(settled, quoted))
    drafts = parts.queue("drafts")
    drafts.send(found.id)
    _keep_keys()
    with recording(stack) as calls:
        engine = parts.budgeted(ENGINE, lambda: datetime.now(UTC))(found.id)
        done = redrafting.redraft(
            found.id,
            tickets=tickets,
            shelf=parts.shelf(lambda: datetime.now(UTC)),
            engine=engine,
            last=True,
            now=datetime.now(UTC),
        )
        _read_keys()
    received = drafts.receive(HOUR)
    assert received
    with recording(stack) as hiding:
        drafts.hide(received.receipt, timedelta(seconds=20))
    assert done.outcome is redrafting.Outcome.DRAFTED
    return calls + hiding


def pages(stack: Stack) -> list[Call]:
    """Give out the page and the button, which are in the function's own zip; and the articles.

    They are read in the first edition and in a later one. An answer is counted.
    """
    parts = Parts.of_settings(PagesSettings.from_env(stack.environments["PagesFunction"]))
    editions = clients.table(stack.outputs["KnowledgeTable"])
    with recording(stack) as calls:
        gate = Gate(parts.rates, failed=_raised)
        gate.admit(Bucket("address", "192.0.2.1", Limit(10, 20)), now=datetime.now(UTC))
        _read_articles(stack)
        parts.figures.answered("refund", datetime.now(UTC), "0" * 32)
    editions.put_item(Item={"pk": "EDITION", "sk": "CURRENT", "number": 1, "replaced": 0})
    with recording(stack) as later:
        _read_articles(stack)
    return calls + later


def _read_articles(stack: Stack) -> None:
    parts = Parts.of_settings(PagesSettings.from_env(stack.environments["PagesFunction"]))
    helpcenter.HelpCenter(parts.articles, clock=partial(datetime.now, UTC), life=60).articles()


AT_WORK: dict[str, Callable[[Stack], list[Call]]] = {
    "IntakeFunction": intake,
    "WorkerFunction": worker,
    "ReconcilerFunction": reconciler,
    "CourierFunction": courier,
    "DrafterFunction": drafter,
    "TrainerFunction": trainer,
    "PagesFunction": pages,
    "PredictFunction": predict,
    "MailFunction": mails,
    "MailboxFunction": mailbox,
    "DocumentsFunction": documents,
}
"""Each function of the template, and what makes it do all it does; returns the calls it made."""
