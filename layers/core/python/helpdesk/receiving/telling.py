"""What people are told of a mail: its text, its sender, and what they must know of it. Pure."""

from dataclasses import replace
from datetime import datetime, timedelta

from helpdesk import characters
from helpdesk.mail import Automatic, Mail, Standing, Verdict
from helpdesk.ports import Letter
from helpdesk.receiving.ports import Held
from helpdesk.ticket import MAX_TEXT, Change, Customer

CUT = "\n[...]"
"""What a text ends with of which only the beginning fits."""

NO_TEXT = "(This mail has no text.)"

BY_A_LEAD = "A lead sent it as a test."

MOST_NAMED = 5
"""How many faults and files of a mail a note names."""


def opening(read: Mail) -> str:
    """Return a mail as the text of a new ticket: its subject, unless the text says it, and text."""
    body, subject = body_of(read), read.subject.strip()
    if characters.shows_nothing(subject) or body.startswith(subject):
        return body
    return bounded(subject if body == NO_TEXT else f"{subject}\n\n{body}")


def sender_of(read: Mail) -> Customer:
    """Return who wrote a mail. Only the sender's own domain proves that it is that person."""
    if read.sender is None:
        return Customer(verified=False)
    name = read.sender.name
    return Customer(
        email=read.sender.address,
        name=None if characters.shows_nothing(name) or characters.steers(name) else name,
        verified=read.verdicts.dmarc is Verdict.PASS,
    )


def body_of(read: Mail) -> str:
    """Return what a mail says, as far as a message holds it."""
    return NO_TEXT if characters.shows_nothing(read.text) else bounded(read.text.strip())


def bounded(text: str) -> str:
    """Return a text, or what fits of it with a sign that it goes on."""
    return text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - len(CUT)].rstrip()}{CUT}"


def with_note(change: Change, told: list[str]) -> Change:
    """Return the change with what people should know of the mail, if there is anything."""
    note = bounded(" ".join(["By mail.", *told])) if told else None
    return replace(change, event=replace(change.event, note=note))


def facts_of(read: Mail) -> list[str]:
    """Return what people should know of a mail before they rely on it, in sentences."""
    facts = []
    if read.standing is Standing.INFECTED:
        facts.append("A virus was found in it: its files are withheld.")
    if read.verdicts.dmarc is not Verdict.PASS:
        facts.append("Its sender is not proven.")
    if read.automatic:
        facts.append(f"No machine may answer it ({read.automatic.sign}).")
    if read.faults:
        kinds = list(dict.fromkeys(each.kind.value for each in read.faults))[:MOST_NAMED]
        facts.append(f"Not all of it could be read: {', '.join(kinds)}.")
    if len(read.text.strip()) > MAX_TEXT:
        facts.append("Its text is longer than what is shown.")
    return facts


def letter_of(key: str, read: Mail) -> Letter:
    """Return what is kept of a mail beside its ticket."""
    return Letter(
        key=key,
        sender=read.sender.address if read.sender else None,
        subject=read.subject,
        standing=read.standing.value,
        message_id=read.message_id,
        automatic=read.automatic.sign.value if read.automatic else None,
        files=len(read.attachments),
        sender_name=sender_of(read).name or "",
        references=read.references or read.in_reply_to,
    )


def held_of(key: str, read: Mail, now: datetime, life: timedelta) -> Held:
    """Return a mail as the quarantine lists it."""
    return Held(
        key=key,
        at=now,
        expires_at=(now + life).replace(microsecond=0),
        sender=read.sender.address if read.sender else None,
        subject=read.subject,
    )


def by_a_machine(read: Mail, sign: Automatic, told: list[str]) -> str:
    """Return the note that a machine's mail becomes, beginning with what people are told of it."""
    head = " ".join([*told, f"A machine wrote by mail ({sign.sign}):"])
    return bounded(f"{head}\n{body_of(read)}")
