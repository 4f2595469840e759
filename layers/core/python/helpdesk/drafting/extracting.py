"""The draft that is always there: sentences of the evidence as they are, in a polite frame."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from functools import cache
from importlib import resources

from helpdesk.characters import hides_something
from helpdesk.drafting.filling import filled
from helpdesk.drafting.grounding import has_link, has_weak_atom, key, stems
from helpdesk.drafting.model import Part
from helpdesk.drafting.quoting import Piece, own_codes, pieces, quotable
from helpdesk.evidence import Found, Origin
from helpdesk.wording import is_courtesy

LONGEST = 4_000
"""Characters of a draft, as of any message of the desk."""

SURE = 0.8
"""From this probability on, the first article is what the message asks for: all of it is said."""

SHORT = 700
"""Characters of an article that is said as a whole."""

SENTENCES = 3
PASSAGES = 3
ANGRY, GLAD = -0.3, 0.5

LONGEST_NAME = 40

_ANSWERING = re.compile(
    r"\A(?:yes|no|yep|nope|sure|of course)\s*[,.!:;\u2013\u2014-]+\s*", re.IGNORECASE
)
_POINTING = re.compile(
    r"(?:it|its|this|that|these|those|they|then|there|until then|here|both|he|she|if so|otherwise"
    r"|also|after that|one|all of it|the button|them)\b",
    re.IGNORECASE,
)
_SAYING_HELLO = re.compile(
    r"(?:hello|hi|hey|dear|good (?:morning|afternoon|evening)|kind regards|best regards|regards"
    r"|best wishes|sincerely|yours)\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"[^\W\d_]+(?:['\u2019. -]{1,2}[^\W\d_]+){0,3}\.?")


class Kind(StrEnum):
    """What a message is: the opening of a draft depends on it."""

    QUESTION = "question"
    REQUEST = "request"
    COMPLAINT = "complaint"
    THANKS = "thanks"


def extractive(
    question: str,
    found: Sequence[Found],
    *,
    name: str | None = None,
    mood: float = 0.0,
    kind: Kind = Kind.QUESTION,
    slots: Mapping[str, str] | None = None,
    most: int = LONGEST,
) -> tuple[Part, ...]:
    """Return an opening, what the evidence says to the question, and a closing.

    `name` is the customer's, `mood` is from -1 (angry) to 1 (delighted). `found` is what was
    admitted, best first. `slots` are values of the customer, the record and the message by name.
    Without evidence nothing is claimed. The parts have at most `most` characters as one text.
    """
    values = dict(slots or {})
    frame = [Part(text=_opening(name, mood, kind))]
    own = own_codes((question, *values.values()), found)
    records = [each for each in found if each.passage.origin is Origin.RECORD]
    said = list(_said(question, [quotable(each, own) for each in found], records, values))
    closing = Part(text=_phrases()["closing"]["answered" if said else "unanswered"])
    while said and len("\n\n".join(part.text for part in (*frame, *said, closing))) > most:
        said.pop()
        closing = Part(text=_phrases()["closing"]["answered" if said else "unanswered"])
    return (*frame, *said, closing)


def addressed(name: str | None) -> str | None:
    """Return a name as a greeting may hold it; None if it may be something else than a name.

    A name is what a customer typed: it has letters only, a few words, and no claim.
    """
    words = " ".join((name or "").split())
    if not words or len(words) > LONGEST_NAME or hides_something(words):
        return None
    return words if _NAME.fullmatch(words) and all(w[0].isupper() for w in words.split()) else None


def _opening(name: str | None, mood: float, kind: Kind) -> str:
    phrases = _phrases()
    mood_name = "angry" if mood <= ANGRY else "glad" if mood >= GLAD else "calm"
    called = addressed(name)
    greeting = phrases["greeting"]["named" if called else "unnamed"].format(name=called)
    return f"{greeting}\n{phrases['opening'][kind.value][mood_name]}"


def _said(
    question: str, found: Sequence[Found], records: Sequence[Found], slots: Mapping[str, str]
) -> Iterator[Part]:
    """Yield a part for each passage that is quoted, in the order of the passages."""
    first = found[0] if found else None
    if first and _surely_meant(first):
        whole = tuple(_pieces(first, slots))
        if whole:
            yield _part(first, whole, slots, records)
            return
    asked = stems(question)
    left, quoted = SENTENCES, set[str]()
    for each in found[:PASSAGES]:
        left_over = [p for p in _pieces(each, slots) if key(p.text) not in quoted]
        chosen = _chosen(asked, each, left_over, left, first=each is first)
        if not chosen:
            continue
        left -= len(chosen)
        quoted |= {key(piece.text) for piece in chosen}
        yield _part(each, chosen, slots, records)
        if left <= 0:
            return


def _surely_meant(found: Found) -> bool:
    passage = found.passage
    return (
        passage.origin in {Origin.ARTICLE, Origin.RECORD}
        and found.score >= SURE
        and len(passage.text) <= SHORT
    )


def _pieces(found: Found, slots: Mapping[str, str]) -> Iterator[Piece]:
    """Yield the sentences of a passage that may be quoted, with their slots filled.

    What points back to a sentence that is left out is left out too.
    """
    origin = found.passage.origin
    kept = True
    for piece in pieces(found.passage.text):
        text = piece.text
        said = None if _never_quoted(text, origin) else filled(_ANSWERING.sub("", text), slots)
        if said is None or not said.strip():
            kept = False
        elif kept or not _POINTING.match(said):
            kept = True
            yield piece._replace(text=said)


def _never_quoted(text: str, origin: Origin) -> bool:
    """Tell whether a sentence is no part of a draft: code puts links in, and those alone.

    A past reply gives no greeting, and nothing with a number, an amount or a date: it was right
    for one customer, once. A record gives no percentage: it knows facts, no rules.
    """
    if has_link(text) or has_weak_atom(text, origin):
        return True
    return origin is Origin.REPLY and (is_courtesy(text) or bool(_SAYING_HELLO.match(text)))


def _chosen(
    asked: frozenset[str], found: Found, pieces: Sequence[Piece], most: int, *, first: bool
) -> tuple[Piece, ...]:
    """Return the sentences that share most words with the question, in their own order.

    The first passage always says one. Another one does only if it shares a word by itself.
    """
    title = stems(found.passage.title)
    shared = {piece: len(asked & stems(piece.text)) for piece in pieces}
    ranked = sorted(pieces, key=lambda piece: (-shared[piece], piece.at))
    chosen: dict[int, Piece] = {}
    for piece in ranked:
        if not (shared[piece] or (first and (not chosen or title & asked))):
            continue
        needed = _with_what_it_points_to(piece, pieces)
        new = [each for each in needed if each.at not in chosen]
        if len(chosen) + len(new) <= most:
            chosen |= {each.at: each for each in new}
    return tuple(chosen[at] for at in sorted(chosen))


def _with_what_it_points_to(piece: Piece, pieces: Sequence[Piece]) -> list[Piece]:
    """Return a sentence after those that its first word points back to."""
    needed = [piece]
    before = {each.at: each for each in pieces}
    while _POINTING.match(needed[0].text) and needed[0].at - 1 in before:
        needed.insert(0, before[needed[0].at - 1])
    return needed


def _part(
    found: Found, pieces: Sequence[Piece], slots: Mapping[str, str], records: Sequence[Found]
) -> Part:
    """Return a passage's sentences as one part. A record whose value fills a slot is cited too."""
    text = ""
    for piece, after in zip(pieces, [*pieces[1:], None], strict=True):
        joined = piece.behind if after and after.at == piece.at + 1 else " "
        text += piece.text + ("\n" if "\n" in joined else " ")
    values = [value for value in slots.values() if value and value in text]
    cited = [
        each.number
        for each in records
        if each.number != found.number and any(value in each.passage.text for value in values)
    ]
    return Part(text=text.strip(), rests_on=(found.number, *cited))


@cache
def _phrases() -> dict[str, dict]:  # type: ignore[type-arg]
    return tomllib.loads(resources.files(__package__).joinpath("phrases.toml").read_text("utf-8"))
