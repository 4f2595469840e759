"""What agents see first of a customer's message: what it says, and in which places more stands.

Quotes, forwarded mails, signatures and footers are left aside if they are long. Greetings, thanks
and what is short stay: a question that is quoted above its answer makes the answer clear.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from helpdesk.ticket import Message, Source

FEW = 3
"""As many lines stay where they are: saying that they are left aside would save little."""

_NAMES = {
    "signature": "signature",
    "quote": "quote",
    "forward": "forwarded mail",
    "device_footer": "footer",
    "legal_footer": "footer",
    "header_block": "headers",
}
"""What is left aside, as agents call it."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of a message: its text or, if it is left `aside`, what it is and how long.

    `whole` is the text of a part that is left aside.
    """

    text: str
    aside: bool = False
    whole: str = ""


def passages(message: Message) -> tuple[Passage, ...]:
    """Return what agents see first of a message: one passage, unless something is left aside."""
    short = message.text.count("\n") <= FEW
    if message.source is not Source.CUSTOMER or short:
        return (Passage(message.text),)
    return _parted(message.text)


@lru_cache(maxsize=512)  # the inbox draws a conversation again with each message
def _parted(text: str) -> tuple[Passage, ...]:
    found, at = list[Passage](), 0
    for names, start, end in _left(text):
        lines = sum(bool(each.strip()) for each in text[start:end].splitlines())
        if lines <= FEW:
            continue
        found.append(Passage(text[at:start].strip("\r\n")))
        told = f"[… {', '.join(names)}: {lines} lines]"
        found.append(Passage(told, aside=True, whole=text[start:end].strip("\r\n")))
        at = end
    found.append(Passage(text[at:].strip("\r\n")))
    return tuple(each for each in found if each.text.strip()) if at else (Passage(text),)


def _left(text: str) -> Iterator[tuple[list[str], int, int]]:
    """Yield what is left aside and where; what follows each other as one, by all its names."""
    from helpdesk.speaking import speaking

    names, start, end = list[str](), 0, 0
    for each in speaking(text).aside:
        if (name := _NAMES.get(each.kind.value)) is None:
            continue
        if names and text[end : each.start].strip():
            yield names, start, end
            names = []
        start = start if names else each.start
        names = names if name in names else [*names, name]
        end = each.end
    if names:
        yield names, start, end
