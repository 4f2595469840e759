"""The agents' verbs, who may use which, and a desk on which each has something to do."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import rmtree

import pytest
from helpdesk import learning
from helpdesk.analysing import Kept, Place
from helpdesk.assisting import Conversation
from helpdesk.aws import clients
from helpdesk.aws.analyses import DynamoAnalyses
from helpdesk.aws.conversations import DynamoConversations
from helpdesk.aws.editions import DynamoEditions
from helpdesk.aws.letters import DynamoMailbox
from helpdesk.aws.mails import StoredMails
from helpdesk.aws.models import PublishedModels
from helpdesk.aws.records import DynamoRecords
from helpdesk.aws.replies import DynamoReplies
from helpdesk.aws.tables import Table
from helpdesk.aws.tickets import DynamoTickets
from helpdesk.curation import Adopted, EditionRecord
from helpdesk.evidence import Reply
from helpdesk.knowledge import Edition, Facts
from helpdesk.receiving import Held
from helpdesk.ticket import Agent, Customer

from agent_cli import record_files
from tests.integration.test_access_matrix import a_file
from tests.integration.test_agent_cli import Desk, desk, poison  # noqa: F401 -- fixtures
from tests.mailing import known
from tests.tickets import a_draft

A_MODEL = learning.Published(
    version="v1",
    at=datetime(2026, 3, 2, tzinfo=UTC),
    knowledge="digest",
    figures=None,
    index="passages",
)

AN_EDITION = EditionRecord(
    number=7, at=datetime(2026, 3, 2, tzinfo=UTC), by="lena", articles=0, cases=0, put_in_force=True
)

ARTICLE = (
    "intent: wrapping\ntitle: t\nanswer: At {opens}.\ncategory: c\ndepartment: d\n"
    "utterances: [wrap it]\n"
)

READS = (
    "ticket list --state all",
    "ticket search gift wrapping --full-text",
    "ticket export --state all --format csv --to {export} --conversation",
    "ticket show {mine}",
    "ticket review --category orders",
    "ticket history {mine}",
    "ticket files {mine} --save {saved}",
    "ticket tail --for 0m",
    "customer show kim@x.example",
    "customer export kim@x.example --to {folder}",
    "queue status",
    "queue spent",
    "incident list",
    "incident show {mine} --hours 2",
    "mail quarantine --days 2",
    "ticket mails {long} --save {saved}",
    "mail became test-00000000000000000000000000000000",
    "notify list",
    "knowledge list",
    "knowledge show refund",
    "knowledge history refund",
    "knowledge export",
    "text list",
    "text show danger",
    "text history danger",
    "knowledge fact list",
    "knowledge document list",
    "knowledge document show handbook",
    "knowledge reply list",
    "knowledge lint --only variables",
    "canned list",
    "canned show sorry",
    "agent list",
    "model list",
    "stats week",
    "stats --days 90",
)
AGENTS = (  # `incident reply` is the reply of agents, many times: the roster says who may
    "ticket next",
    "ticket claim {mine}",
    "ticket reply {mine} Done.",
    "ticket approve {drafted} 2",
    "ticket dismiss {redrafted} 2",
    "ticket note {mine} Called.",
    "ticket release {mine}",
    "ticket transfer {mine} --to bob",
    "ticket tag {mine} --add strike --yes",
    "ticket new sofa --email kim@x.example",
    "ticket merge 0000000000000005 --into {theirs}",
    "ticket split {merged}",
    "ticket spam {redrafted} --yes",
    "ticket snooze {mine} --for 2h",
    "ticket close {mine}",
    "ticket reopen {answered}",
    "ticket revoke {answered} --yes",
    "incident reply {mine} --text Done. --yes",
    "knowledge test wrapping",
    "customer gather --days 1",
)
LEADS = (
    "knowledge reply adopt {answered} --yes",
    "knowledge reply drop {theirs} --yes",
    "ticket transfer {theirs} --to carol --override",
    "ticket erase {long} --yes",
    "customer join lee@x.example kim@x.example --reason same",
    "customer separate reference:C-3 kim@x.example --reason different",
    "mail release kims",
    "mail test {mail}",
    "records import {records} --yes",
    "records show kim@x.example",
    "records forget mo@x.example --yes",
    "ticket erase --customer kim@x.example --yes",
    "ticket erase {last} --yes",
    "knowledge fact set opens ten",
    "knowledge add wrapping --file {article}",
    "knowledge remove refund --yes",
    "knowledge import {articles} --yes",
    "knowledge remove refund --forget --yes",
    "knowledge rollback gift_card --yes",
    "knowledge document import {terms} --yes",
    "knowledge document forget handbook --yes",
    "text set danger Help.",
    "canned set hello Hello.",
    "model rollback v1 --yes",
    "canned remove sorry --yes",
    "agent set bea --role lead --department billing",
    "agent remove bob --yes",
    "notify test webhook",
    "notify on webhook",
    "deadletter list",
    "deadletter show 0000000000000009",
    "deadletter redrive --all --yes",
    "deadletter discard --all --yes",
    "knowledge replace {shop} --yes",
    "knowledge replace --to 7 --yes",
    "knowledge fact remove unused --yes",
)
ELSEWHERE = {
    "config get": "it asks no one but this machine",
    "config list": "it asks no one but this machine",
    "config set": "it asks no one but this machine",
    "config unset": "it asks no one but this machine",
    "schema": "it asks no one but this machine",
    "mail list": "it reads a folder of this machine",
    "mail show": "it reads a folder of this machine",
    "doctor": "it runs with the verbs, where nothing may be granted that none needs",
    "evaluate": "it asks the predict function, as `knowledge test` does",
    "inbox": "a screen over the verbs of tickets: test_agent_cli_inbox",
    "knowledge edit": "an editor over `knowledge add`",
    "web": "the console: test_console_allowed, test_console_knowledge",
}
"""The verbs that are not among them, and why."""

MAY = {"agent": {*READS, *AGENTS}, "lead": {*READS, *AGENTS, *LEADS}, "auditor": {*READS}}
"""The verbs that each role may use."""


def _mailed(desk: Desk, tickets: Table, mine: str, long: str) -> None:  # noqa: F811
    """Make two tickets ones that came by mail, one with a mail that left and one that came."""
    came = StoredMails(clients.s3(), desk.stack.outputs["MailBucket"])
    came.store("1", b"Subject: Boxes\r\n\r\nWhere are they?\r\n")
    tickets.update_item(  # its reply leaves by mail
        Key={"pk": f"TICKET#{mine}", "sk": "TICKET"},
        UpdateExpression="SET channel = :mail",
        ExpressionAttributeValues={":mail": "mail"},
    )
    until = datetime(2100, 1, 1, tzinfo=UTC)
    DynamoTickets(tickets).outbox.correspond(known(mine), expires_at=until)
    tickets.update_item(  # one of its mails left, and is found by its id
        Key={"pk": f"TICKET#{long}", "sk": "TICKET"},
        UpdateExpression="SET channel = :mail",
        ExpressionAttributeValues={":mail": "mail"},
    )
    tickets.put_all([{"pk": f"TICKET#{long}", "sk": "DISPATCH#000002", "sent_as": "1@x.example"}])


def _merged(desk: Desk) -> str:  # noqa: F811
    """Return a ticket that is in another one of its customer."""
    one, root = (desk.escalated(each, email="eve@x.example") for each in (12, 13))
    assert desk.run("ticket", "merge", one, "--into", root).exit_code == 0
    return one


def _letters(ticket_id: str) -> list[dict[str, object]]:
    """Return two mails that came for a ticket, of which one is no longer kept as it came."""
    pk = f"TICKET#{ticket_id}"
    return [
        {
            "pk": pk,
            "sk": "LETTER#1",
            "subject": "Boxes",
            "number": 1,
            "key": "inbound/1",
            "indexed": True,
            "message_id": "1@x.example",
        },
        {"pk": pk, "sk": "LETTER#2", "subject": "Boxes", "number": 2, "key": "inbound/gone"},
    ]


def _held(desk: Desk, tickets: Table) -> None:  # noqa: F811
    """Hold a mail of a customer in quarantine."""
    until = desk.now + timedelta(days=30)
    held = Held(key="inbound/kims", at=desk.now, expires_at=until, sender="kim@x.example")
    DynamoMailbox(tickets).hold(held)


def _analysed(desk: Desk, tickets: Table, ticket_id: str) -> None:  # noqa: F811
    """Keep what was said of a message with a ticket's files."""
    place = Place(digest="0" * 64, owners=(ticket_id,))
    DynamoAnalyses(tickets).put(place, Kept("{}", desk.now))


def _assisted(desk: Desk, tickets: Table, email: str) -> None:  # noqa: F811
    """Keep a conversation of a customer in which a person was assisted."""
    kept = DynamoConversations(tickets, timedelta(days=30))
    of = Conversation(id="1" * 16, customer=Customer(email=email), version=1)
    kept.put(of, desk.now)


def _adopted(desk: Desk, tickets: Table, answered: str, ticket_id: str) -> None:  # noqa: F811
    """Answer one ticket, and let drafts repeat a reply of another."""
    assert desk.run("ticket", "reply", answered, "Done.").exit_code == 0
    until = desk.ticket(ticket_id).expires_at
    reply = Reply(
        ticket_id=ticket_id,
        message=2,
        title="",
        text="Wait.",
        at=desk.now,
        by="ada",
        expires_at=until,
    )
    adopted = Adopted(ticket_id=ticket_id, expires_at=until, version=1, replies=(reply,))
    DynamoReplies(tickets).put_adopted(adopted)


def _documented(desk: Desk, folder: Path) -> Path:  # noqa: F811
    """Import a handbook; return another document, which is not imported."""
    handbook, terms = folder / "handbook.md", folder / "terms.pdf"
    handbook.write_text("# House\n\nThe house is old.\n")
    terms.write_bytes(b"%PDF-1.7")
    desk.run("knowledge", "document", "import", str(handbook), "--yes")
    return terms


def _recorded(desk: Desk, tmp_path: Path) -> Path:  # noqa: F811
    """Keep records of two customers; return the file that they came in."""
    records = tmp_path / "records.csv"
    records.write_text("customer,number,status\nkim@x.example,1,shipped\nmo@x.example,2,placed\n")
    kept = DynamoRecords(clients.table(desk.stack.outputs["RecordsTable"]), lambda: desk.now)
    for holding in record_files.read(records).holdings:
        kept.put(holding, expires_at=desk.now + timedelta(days=1))
    return records


def _shop(tmp_path: Path, articles: str) -> Path:
    """Return a folder with a knowledge in it."""
    shop = tmp_path / "shop"
    shop.mkdir()
    (shop / "articles.yaml").write_text(articles)
    (shop / "golden.jsonl").write_text('{"text": "a bow", "intent": "wrapping"}\n')
    return shop


def _taught(models: PublishedModels) -> PublishedModels:
    """Put a model in force, with the index of its passages."""
    models.keep_index(A_MODEL.index, b"passages")
    models.publish(A_MODEL, b"model")
    return models


@pytest.fixture
def there(desk: Desk, tmp_path: Path) -> dict[str, str]:  # noqa: F811
    """Fill the desk so that every verb has something to do."""
    mine, theirs, answered = (desk.escalated(number, email="kim@x.example") for number in (1, 2, 3))
    desk.escalated(5, email="kim@x.example", reference="C-3")
    desk.escalated(6, email="lee@x.example")
    last = desk.escalated(7, email="mo@x.example", name="Mo")
    desk.escalated(8, email="moss@x.example")
    reason = ("--reason", "one person")
    joined = desk.run("customer", "join", "mo@x.example", "moss@x.example", *reason)
    assert joined.exit_code == 0
    desk.escalated(9, email="zoe@x.example", reference="C-9")
    long = desk.escalated(4)
    drafted, redrafted = (desk.escalated(each, draft=a_draft(version=0)) for each in (10, 11))
    tickets = clients.table(desk.stack.outputs["TicketsTable"])
    first = tickets.get_item(Key={"pk": f"TICKET#{long}", "sk": "MESSAGE#000001"})
    assert first
    many = []  # more of both than one transaction can delete
    for number in range(100, 220):
        many.append({**first, "sk": f"MESSAGE#{number:06}", "number": number})
        many.append({"pk": f"OVERRIDE#{long}", "sk": f"EVENT#{number:06}"})
    tickets.put_all([*many, *_letters(long)])
    merged = _merged(desk)
    tickets.update_item(
        Key={"pk": f"TICKET#{long}", "sk": "MESSAGE#000001"},
        UpdateExpression="SET submission = :key",
        ExpressionAttributeValues={":key": "of-the-shop"},
    )
    for ticket_id, agent in ((mine, "ada"), (theirs, "bob"), (answered, "ada")):
        assert desk.run("ticket", "claim", ticket_id, agent=agent).exit_code == 0
    _adopted(desk, tickets, answered, theirs)
    for ticket_id in (mine, long):
        a_file(desk.stack, ticket_id)
    for source in ("Intake", "Escalation", "Mail", "Trainer", "Files", "Drafts"):
        poison(desk, f"{source}DeadLettersUrl")
    poison(desk, "NoticesDeadLettersUrl", '{"notice": "0000000000000009-2-webhook"}')
    poison(desk, "OutboxDeadLettersUrl", '{"mail": "0000000000000009.2"}')
    _mailed(desk, tickets, mine, long)
    _held(desk, tickets)
    _analysed(desk, tickets, long)
    _assisted(desk, tickets, "kim@x.example")
    desk.knowledge.put_canned("sorry", "Sorry.")
    desk.knowledge.put_agent(Agent("bob"))
    facts = Facts(values={"opens": "nine", "unused": "ten"}, version=1)
    desk.knowledge.state(facts, instead_of=Facts())
    table = clients.table(desk.stack.outputs["KnowledgeTable"])
    models = _taught(PublishedModels(clients.s3(), desk.stack.outputs["Bucket"], table))
    article, articles = tmp_path / "article.yaml", tmp_path / "articles.yaml"
    article.write_text(ARTICLE)
    one = f"- {ARTICLE.replace(chr(10), chr(10) + '  ').rstrip()}\n"
    records = _recorded(desk, tmp_path)
    shop = _shop(tmp_path, one)
    DynamoEditions(table, models).prepare(AN_EDITION, Edition(number=7, articles=()))
    articles.write_text(one)
    terms, mail = _documented(desk, tmp_path), tmp_path / "mail.eml"
    mail.write_bytes(b"From: ada@x.example\r\n\r\nWhere is it?\r\n")
    desk.run("knowledge", "remove", "gift_card", "--yes")
    rmtree(desk.home / "state/helpdesk/stacks")  # the verb asks for the outputs itself
    tickets.delete_item(Key={"pk": "CUSTOMER#REFERENCE#C-9", "sk": "EMAIL#zoe@x.example"})
    return {
        "last": last,
        "folder": str(tmp_path / "kim"),
        "mine": mine,
        "theirs": theirs,
        "answered": answered,
        "long": long,
        "drafted": drafted,
        "redrafted": redrafted,
        "merged": merged,
        "article": str(article),
        "articles": str(articles),
        "shop": str(shop),
        "terms": str(terms),
        "mail": str(mail),
        "export": str(tmp_path / "export.csv"),
        "saved": str(tmp_path / "saved"),
        "records": str(records),
    }
