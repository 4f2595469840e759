"""A desk that has one of everything, so that each page of the console has something to show."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from helpdesk import ticket
from helpdesk.aws import clients
from helpdesk.aws.figures import DynamoFigures
from helpdesk.aws.letters import DynamoMailbox
from helpdesk.aws.models import PublishedModels
from helpdesk.figures import keep
from helpdesk.files import State
from helpdesk.operations import dead_letters
from helpdesk.receiving import Draft, Held
from helpdesk.ticket import Agent, Role
from helpdesk.triage import Answer, Escalate, Reason

from tests.browser.at_work import Opened
from tests.fakes import an_article
from tests.integration.test_agent_cli import Desk, poison
from tests.integration.test_agent_cli_files import Cabinet
from tests.integration.test_agent_cli_mail import came
from tests.integration.test_agent_cli_reviewing import quoting
from tests.integration.test_console_model import a_model, publish

LONG = "Wirelessheadphonesreplacementcase" * 4
TEXT = f"Where is my order 1234567? {LONG} https://shop.example/{LONG}\n\nThanks,\nKim"
ARTICLE = f"""
intent: refund
title: When do I get my money back?
answer: See https://shop.example/{LONG} or wait for five days.
category: ORDER
department: orders
utterances: [i have a question about a refund, money back {LONG}]
"""
UNTIL = datetime(2100, 1, 1, tzinfo=UTC)

type Address = Callable[[str], str]
"""Writes what the desk has into the parts of a path."""


def filled(console: Opened) -> Address:
    """Fill the desk of a console; ada, who has it, is a lead."""
    desk = console.desk
    desk.knowledge.put_agent(Agent("ada", frozenset({Role.AGENT, Role.LEAD})))
    desk.knowledge.put_agent(Agent("bea", frozenset({Role.AGENT}), frozenset({"orders"})))
    drafted, incident = _tickets(desk)
    _knowledge(desk)
    models = PublishedModels(
        clients.s3(),
        desk.stack.outputs["Bucket"],
        clients.table(desk.stack.outputs["KnowledgeTable"]),
    )
    publish(models, a_model("model-1", 1), a_model("model-2", 2))
    poison(desk, "IntakeDeadLettersUrl")
    tickets = clients.table(desk.stack.outputs["TicketsTable"])
    DynamoMailbox(tickets).hold(
        Held(
            key="inbound/held",
            at=datetime.now(UTC),
            expires_at=UNTIL,
            sender=f"{LONG}@x.example",
            subject=TEXT,
        )
    )
    came(desk, drafted, LONG.encode(), TEXT)
    keep(days=DynamoFigures(tickets), events=desk.tickets, clock=lambda: datetime.now(UTC))
    with console.session.at_desk() as here:
        mail = Draft(sender="kim@x.example", recipient=here.address, subject=LONG, text=TEXT)
        trial = here.trials.write(mail)
        (letter,) = dead_letters(here.letters_of())
    known = {
        "ticket": drafted,
        "number": "1",
        "intent": "refund",
        "version": "1",
        "letter": letter.id,
        "mail": trial.name,
    }
    own = {
        "/incidents/{ticket}": {"ticket": incident},
        "/knowledge/articles/{intent}/rollback": {"?": "to=1"},
        "/knowledge/documents/{name}": {"name": "rules"},
        "/knowledge/texts/{name}": {"name": "unreadable"},
        "/model/rollback/{version}": {"version": "model-1"},
    }
    return lambda path: _written(path, known | own.get(path, {}))


def _written(path: str, known: Mapping[str, str]) -> str:
    missing = set(re.findall(r"{(\w+)}", path)) - known.keys()
    assert not missing, f"tests/browser/filling.py must know of a page's {missing}: {path}"
    query = f"?{known['?']}" if "?" in known else ""
    return path.format_map(known) + query


def _tickets(desk: Desk) -> tuple[str, str]:
    """Return a ticket with a draft, a note and a file, and the first ticket of an incident."""
    kim = {"email": "kim@x.example", "name": "Kim"}
    drafted = desk.escalated(1, TEXT, draft=quoting(), **kim)
    Cabinet(desk, drafted).file(1, b"one", TEXT, state=State.READY, kind="pdf")
    assert desk.run("ticket", "claim", drafted).exit_code == 0
    assert desk.run("ticket", "note", drafted, f"Called. {LONG}").exit_code == 0
    desk.escalated(2, "My lawyer will sue you", Escalate(Reason.LEGAL), name=LONG, **_at("lee"))
    desk.escalated(3, "Late", ago=timedelta(days=3))
    desk.escalated(4, decision=Answer(an_article("refund")), **kim)
    rated = ticket.rate(desk.ticket(f"{4:016}"), helpful=False, comment=None, now=desk.now)
    desk.tickets.commit(rated)
    down = [
        desk.escalated(
            number,
            f"Your shop only shows error 502 {number} {LONG}",
            ago=timedelta(minutes=40 - number),
            **_at(f"c{number}"),
        )
        for number in range(11, 17)
    ]
    assert desk.run("ticket", "claim", down[1]).exit_code == 0
    assert desk.run("ticket", "reply", down[1], "It is back.").exit_code == 0
    return drafted, down[0]


def _at(name: str) -> dict[str, str]:
    return {"email": f"{name}@x.example"}


def _knowledge(desk: Desk) -> None:
    file = desk.home / "refund.yaml"
    file.write_text(ARTICLE)
    rules = desk.home / "rules.md"
    rules.write_text(f"# Rules {LONG}\n\nIt can be returned.\n\nIt is paid back.\n")
    for words in (
        ("knowledge", "edit", "refund", "--file", str(file), "--yes"),
        ("knowledge", "document", "import", str(rules), "--yes"),
        ("knowledge", "fact", "set", "phone", f"030 1 {LONG}"),
        ("canned", "set", "sorry", f"We are sorry. {LONG}"),
    ):
        done = desk.run(*words)
        assert done.exit_code == 0, (words, done.stderr)
