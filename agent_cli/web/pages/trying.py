"""Try a message: how the desk would answer a text, and why. Nothing is sent."""

from helpdesk.speaking import speaking
from helpdesk.ticket import MAX_TEXT

from agent_cli import verdicts
from agent_cli.web.asking import Asked, Page, Shown
from agent_cli.words import spoken
from agent_cli.words.verdicts import DECIDED


def empty(_: Asked) -> Shown:
    """Show the form."""
    return Shown("try.html", {"text": "", "verdict": None, "most": MAX_TEXT})


def tried(asked: Asked) -> Shown:
    """Show what the desk would make of a text. The text stays out of every address."""
    text, desk = asked.text("text"), asked.desk
    made = desk.predict(text)
    values = {
        "text": text,
        "most": MAX_TEXT,
        "verdict": verdicts.of(desk, text, made),
        "decided": DECIDED[made.decision],
        "suggested": list(verdicts.suggested(desk, made)),
        "analysis": desk.analyse(text),
        "read": speaking(text).text,
        "aside": spoken.left_aside(text),
    }
    return Shown("try.html", values)


PAGES: dict[str, tuple[str, Page]] = {
    "GET /try": ("try a message", empty),
    "POST /try": ("try a message", tried),
}
