"""Numbers in answers that contradict each other: the same matter, another number.

Two mentions contradict each other if they measure the same thing (time, money, a share), if the
last word of matter before them is the same, or the last two are, and if the numbers differ: "packed
within 2 hours" and "we pack in one business day". A word of matter is cut to its stem; words that
stand before any number, such as "within", are none.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from helpdesk.linting.checking import Found, Knowledge
from helpdesk.linting.phrases import words
from helpdesk.linting.wording import STOP_WORDS

_WRITTEN: Final = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "twelve": 12, "fourteen": 14, "thirty": 30,
}  # fmt: skip
_HOURS: Final = {
    "minute": 1 / 60,
    "hour": 1.0,
    "day": 24.0,
    "week": 168.0,
    "month": 720.0,
    "year": 8760.0,
}
_NUMBER = rf"\d+(?:[.,]\d+)?|{'|'.join(_WRITTEN)}"
_MENTION = re.compile(
    rf"(?P<money>[€$£]\s?\d+(?:[.,]\d+)?|\d+(?:[.,]\d+)?\s?(?:euros?|dollars?|pounds?|€))"
    rf"|(?P<share>\d+(?:[.,]\d+)?\s?(?:%|per ?cent))"
    rf"|\b(?:(?P<low>{_NUMBER})\s?(?:to|-|\u2013|or|and)\s)?(?P<high>{_NUMBER})[\s-]"
    rf"(?P<kind>(?:business|working|calendar)\s)?(?P<unit>{'|'.join(_HOURS)})s?\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"(?<=[.!?;:])\s+|\n+|, (?=and |but |or |then )")
_PASSING = STOP_WORDS | frozenset(
    "within after before until up least most only always once when if than more less usually "
    "normally days day hours hour weeks week months month years year minutes minute business "
    "working calendar every each between again one two three four five ten all not no new first "
    "same take takes get gets make made back here valid works free charge full about around "
    "they them use later earlier early late soon point time times original".split()
)
"""Words that stand before any number."""

_WEAK = frozenset(
    "item order deliver parcel product account mail card number money custom amount send".split()
)
"""Stems that are in every answer of a shop: the word before must be the same as well."""

_ENDING = re.compile(r"(?:ies|ed|ing|es|s|y|e)$")


@dataclass(frozen=True, slots=True)
class _Mention:
    intent: str
    text: str
    clause: str
    measure: str
    value: str
    matters: tuple[str, ...]


def contradictions(knowledge: Knowledge) -> Iterator[Found]:
    """Yield the numbers in two articles that contradict each other."""
    mentions = [
        mention
        for article in knowledge.answering
        for clause in _CLAUSE.split(_without_facts(article.answer))
        for mention in _mentions(article.intent, clause)
    ]
    told: set[tuple[str, str, str, str]] = set()
    for one, other in combinations(mentions, 2):
        key = (one.intent, other.intent, one.value, other.value)
        if _contradict(one, other) and key not in told:
            told.add(key)
            yield one.intent, f"{one.clause!r}, but {other.intent}: {other.clause!r}"


def _contradict(one: _Mention, other: _Mention) -> bool:
    if one.intent == other.intent or one.measure != other.measure or one.value == other.value:
        return False
    (mine, theirs) = one.matters, other.matters
    same = mine[-1] == theirs[-1] and mine[-1] not in _WEAK
    return same or (len(mine) > 1 and set(mine) == set(theirs))


def _without_facts(answer: str) -> str:
    """Return an answer without its variables: what is a fact cannot contradict itself."""
    return re.sub(r"\{[^{}]*\}", "", answer)


def _mentions(intent: str, clause: str) -> Iterator[_Mention]:
    clause = " ".join(clause.split())
    end = 0
    for each in _MENTION.finditer(clause):
        before, after = _matters(clause[end : each.start()]), _matters(clause[each.end() :])
        measure, value = _measured(each)
        if matters := before[-2:] or after[:1]:
            yield _Mention(intent, each[0], clause, measure, value, matters)
        end = each.end()


def _matters(text: str) -> tuple[str, ...]:
    told = (each for each in words(text) if each not in _PASSING and len(each) > 2)
    return tuple(_ENDING.sub("", each) for each in told if each.isalpha())


def _measured(found: re.Match[str]) -> tuple[str, str]:
    if found["money"] or found["share"]:
        number = re.sub(r"[^\d.,]", "", found[0]).replace(",", ".")
        return ("money" if found["money"] else "share"), f"{float(number):g}"
    unit = _HOURS[found["unit"].lower()]
    ends = [f"{_value(each) * unit:g}" for each in (found["low"], found["high"]) if each]
    kind = (found["kind"] or "").strip().lower()
    return "time", f"{'-'.join(ends)} {kind}".strip()


def _value(text: str) -> float:
    return float(_WRITTEN.get(text.lower()) or text.replace(",", "."))
