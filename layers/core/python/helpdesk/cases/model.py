"""What is kept of a case to recognise it, and the rules by which it is recognised. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from helpdesk.cases.heading import said_in
from helpdesk.cases.likeness import digest_of, words_of
from helpdesk.cases.naming import amounts_in, codes_in, goods_among, names_in, numbers_in
from helpdesk.cases.purpose import Asking, Reminding, asking, goes_on, reminded
from helpdesk.speaking import own_words, speaking
from helpdesk.triage import NOT_KEPT, Entity
from helpdesk.wording import Kind, kinds_in

MOST_WORDS = 150
"""Words that are kept of a text: as many as most messages have."""

FEWEST_WORDS = 6
"""In shorter texts the same pairs of words say nothing, unless a number is shared."""

FEWEST_IN_PASSAGE = 3
"""Words of a passage by which a text is known."""

MOST_ADDED = 2
"""How many times as long a text may be that is recognised by holding an earlier one.

A longer one says more than the earlier one, and what it says more must not be lost.
"""

_GRAVE = frozenset(Kind) - {Kind.ANGER, Kind.DEMAND, Kind.AGAIN, Kind.HASTE, Kind.NOT_HELPED}

_PREFIXES = {"re", "fw", "fwd", "aw", "wg"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """When two texts of one customer are one case.

    `window` is how far back an earlier one may be; zero switches the comparison off. `contained` is
    the share of the shorter text's two-word shingles, `alike` the least sum of what speaks for one
    case. `reminded` is the share of what a reminder is about, and `meant` the cosine that it needs
    instead. From `template` on, two texts differ in some words only: an exchanged one makes another
    case. Chosen on `tests/golden/cases_dev.jsonl`.
    """

    window: timedelta = timedelta(days=7)
    contained: float = 0.7
    alike: float = 1.18
    reminded: float = 0.5
    meant: float = 0.5
    template: float = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is kept of a ticket to recognise its case in another one.

    `digest` is equal for texts that are equal but for case, signs, greetings, thanks and signature;
    `length` counts its words, of which the first are kept. `codes` are its longer numbers, `names`
    what it calls by name or counts, `grave` the kinds of wording that a person must read. `goes_on`
    tells whether it leaves what was said before, `beside` is what a reminder says beside reminding.
    `passages` stand for the paragraphs and lines beside which it says little. `meaning` is the
    encoder's vector.
    """

    ticket_id: str
    at: datetime
    digest: str
    length: int
    numbers: frozenset[str] = frozenset()
    codes: frozenset[str] = frozenset()
    amounts: frozenset[str] = frozenset()
    goods: frozenset[str] = frozenset()
    grave: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    asks: Asking = Asking.NOTHING
    goes_on: bool = False
    reminds: Reminding = field(default=Reminding.NOT, metadata=NOT_KEPT)
    beside: tuple[str, ...] = field(default=(), repr=False, metadata=NOT_KEPT)
    passages: frozenset[str] = frozenset()
    words: tuple[str, ...] = field(default=(), repr=False)
    meaning: bytes = field(default=b"", repr=False)


def case_of(
    text: str,
    *,
    ticket_id: str,
    at: datetime,
    entities: Sequence[Entity] = (),
    goods: Sequence[str] = (),
    meaning: bytes = b"",
    names: Sequence[str] = (),
    said: str | None = None,
) -> Case:
    """Return what is kept of a text; `entities`, `goods` and `meaning` are what was understood.

    `names` are those of the people in the conversation, `said` is what `said_in` tells of the text,
    if that is known already.
    """
    said = said_in(text, names) if said is None else said
    spoken = speaking(text)
    words = _without_prefixes(words_of(said))
    reminds, beside = reminded(said)
    return Case(
        ticket_id=ticket_id,
        at=at,
        digest=digest_of(words),
        length=len(words),
        numbers=numbers_in(text, entities),
        codes=codes_in(spoken.text),
        amounts=amounts_in(entities),
        goods=goods_among(goods),
        grave=frozenset(str(each) for each in kinds_in(own_words(text, spoken)) & _GRAVE),
        names=names_in(said),
        asks=asking(said),
        goes_on=goes_on(said),
        reminds=reminds,
        beside=tuple(beside[:MOST_WORDS]),
        passages=_passages(said, len(words)),
        words=tuple(words[:MOST_WORDS]),
        meaning=meaning,
    )


def _passages(said: str, length: int) -> frozenset[str]:
    """Return the paragraphs and lines beside which a text of this length says little."""
    parts = {each.strip() for each in (*said.split("\n\n"), *said.split("\n"))}
    found = [words_of(each) for each in parts] if len(parts) > 1 else []
    return frozenset(
        passage_of(digest_of(words))
        for words in found
        if FEWEST_IN_PASSAGE <= len(words) < length <= MOST_ADDED * len(words) + FEWEST_WORDS
    )


def passage_of(digest: str) -> str:
    """Return by what a text is known as a passage of another one."""
    return digest[:8]


def _without_prefixes(words: list[str]) -> list[str]:
    """Return words without those that mail programs put before a subject."""
    first = next((at for at, word in enumerate(words) if word not in _PREFIXES), len(words))
    return words[first:]
