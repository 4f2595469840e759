"""Test mails: a lead writes as a customer would, or sends a sample, and sees what becomes of it."""

from dataclasses import dataclass
from email import message_from_bytes, policy
from functools import cache
from pathlib import Path

from helpdesk.ports import NotFoundError
from helpdesk.receiving import Draft, Enclosed

from agent_cli.web.asking import Asked, Led, Page, Shown
from agent_cli.words.mails import TrialView
from agent_cli.words.tickets import MessageView, TicketRow

PLACE = "/test-mail"
SAMPLES = Path(__file__).parents[1] / "samples"
SENDER = "ada@customer.example"
"""Who writes unless the lead names another."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A mail that comes with the console: its name, what its headers say, and its bytes."""

    name: str
    sender: str
    subject: str
    content: bytes


@cache
def samples() -> tuple[Sample, ...]:
    """Return the samples, by their names. Mails have CRLF at the end of each line."""
    return tuple(map(_sample, sorted(SAMPLES.glob("*.eml"))))


def asked_for(asked: Asked) -> Shown:
    """Show the form and the samples."""
    values = {
        "lead": asked.desk.agent().leads,
        "address": asked.desk.address,
        "sender": SENDER,
        "samples": samples(),
    }
    return Shown("trial_mail.html", values)


def written(asked: Asked) -> Led:
    """Send what the lead wrote."""
    file = asked.file("file")
    draft = Draft(
        sender=asked.text("from"),
        recipient=asked.text("to"),
        subject=asked.text("subject"),
        text=asked.text("text"),
        file=Enclosed(str(file.filename), file.content_type or "", file.file.read())
        if file
        else None,
    )
    return Led(f"{PLACE}/{asked.desk.trials.write(draft).name}")


def of_sample(asked: Asked) -> Led:
    """Send a sample."""
    name = asked.text("sample")
    for each in samples():
        if each.name == name:
            return Led(f"{PLACE}/{asked.desk.trials.send(each.content).name}")
    raise NotFoundError("choose one of the samples of the list")


def became(asked: Asked) -> Shown:
    """Show what became of a test mail so far."""
    trial = asked.desk.trials.of(asked.path("mail"))
    found = asked.desk.parts.tickets.conversation(trial.ticket_id) if trial.ticket_id else None
    values = {
        "trial": TrialView.of(trial),
        "row": TicketRow.of(found.ticket, asked.now) if found else None,
        "messages": [MessageView.of(each) for each in found.messages] if found else [],
    }
    return Shown("trial_mail_fate.html", values)


def _sample(path: Path) -> Sample:
    content = path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    said = message_from_bytes(content, policy=policy.default)
    return Sample(path.stem, str(said["From"] or ""), str(said["Subject"] or ""), content)


PAGES: dict[str, tuple[str, Page]] = {
    f"GET {PLACE}": ("test-mail", asked_for),
    f"POST {PLACE}": ("test-mail-write", written),
    f"POST {PLACE}/sample": ("test-mail-sample", of_sample),
    f"GET {PLACE}/{{mail}}": ("test-mail-fate", became),
}
