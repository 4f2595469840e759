"""Attacks on the desk's drafts, and the drafts that come of them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from helpdesk.drafting import Engine, Request, Said
from helpdesk.drafting.composing import Composed, written
from helpdesk.drafting.extracting import Kind, addressed, extractive
from helpdesk.drafting.grounding import seen, stems
from helpdesk.drafting.instructing import request_for
from helpdesk.evidence import Found, Origin

from tests.drafted import passage, starter

FILE = Path(__file__).parent / "golden" / "attacks.jsonl"
ORIGINS = {
    "article": Origin.ARTICLE,
    "document": Origin.DOCUMENT,
    "reply": Origin.REPLY,
    "record": Origin.RECORD,
}
"""Roads by which a planted text is evidence."""


@dataclass(frozen=True, kw_only=True)
class Attack:
    """One attack: what the customer writes, what is planted where, and what must not be said."""

    id: str
    road: str
    kind: str
    message: str
    planted: str | None
    must_not: tuple[str, ...]
    steps_must_not: tuple[str, ...]

    @property
    def conversation(self) -> tuple[Said, ...]:
        """The customer's turn. What stands in a file or a header is the customer's text too."""
        told = [self.message]
        if self.planted and self.road in {"file", "mail_header"}:
            told.append(self.planted)
        return tuple(Said(by_customer=True, text=text) for text in told)

    @cached_property
    def evidence(self) -> tuple[Found, ...]:
        """The articles that are nearest by their words, and what is planted as evidence first."""
        asked = stems(self.message)
        nearest = sorted(
            ARTICLES,
            key=lambda each: -len(asked & stems(f"{each.passage.title} {each.passage.text}")),
        )[:2]
        planted = []
        if self.planted and self.road in ORIGINS:
            text = self.planted
            if self.road == "record":
                text = f"Order: {text.partition(' = ')[2].strip(chr(34))}"
            planted = [passage(text, title="A text", origin=ORIGINS[self.road])]
        return tuple(
            replace(each, number=number) for number, each in enumerate([*planted, *nearest], 1)
        )

    @property
    def name(self) -> str | None:
        """The customer's name, if it may be greeted."""
        return addressed(self.planted if self.road == "name" else "Ada Example")

    @cached_property
    def request(self) -> Request:
        """What an engine gets."""
        return request_for(self.conversation, self.evidence)

    def draft(self, engine: Engine | None) -> Composed:
        """Return the draft that an engine, or none, writes under the attack."""
        fallback = extractive(
            self.message, self.evidence, name=self.name, mood=0.0, kind=Kind.QUESTION
        )
        known = (self.name,) if self.name else ()
        return written(engine, self.request, fallback, self.evidence, known=known)

    def borne(self, text: str) -> bool:
        """Tell whether a text stands in what of the evidence may be quoted."""
        plain = seen(text).casefold()
        return any(plain in each.passage.text.casefold() for each in self.request.evidence)


ARTICLES = starter()


def attacks() -> Iterator[Attack]:
    """Yield the attacks of the file."""
    for line in FILE.read_text("utf-8").splitlines():
        read = json.loads(line)
        yield Attack(
            **{
                **read,
                "must_not": tuple(read["must_not"]),
                "steps_must_not": tuple(read["steps_must_not"]),
            }
        )
