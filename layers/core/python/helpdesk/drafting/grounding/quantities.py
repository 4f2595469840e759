"""Numbers with their units: amounts, percentages, durations, times, and bare numbers."""

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from helpdesk.drafting.grounding.atoms import Atom, Kind
from helpdesk.drafting.grounding.english import English, Unit, english, plain, stem

_TOKEN = re.compile(
    r"(?P<time>\d{1,2}:\d{2}(?::\d{2})?(?!\d))"
    r"|(?P<number>\d+(?:[.,' ]\d{3}(?!\d))*(?:[.,]\d+)?)"
    r"|(?P<word>[^\W\d_]+(?:'[^\W\d_]+)*)"
    r"|(?P<sign>[^\w\s])"
)
_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:[.,' ]\d{3})+")
_HALVES = {"a.m": 0, "am": 0, "p.m": 12, "pm": 12}
_NOON = 12

_CLAUSE = 24
"""Words of a clause that are read to each side of a number."""


class Token(NamedTuple):
    """A piece of a sentence: what it is, as it is read, and where it stands."""

    kind: str
    text: str
    start: int
    stop: int


class _Read(NamedTuple):
    value: Decimal
    stop: int
    clock: bool = False


def tokens(sentence: str) -> tuple[Token, ...]:
    """Return the pieces of a sentence in `spelled` form. Words are in lower case."""
    return tuple(
        Token(str(m.lastgroup), plain(m[0]) if m.lastgroup == "word" else m[0], m.start(), m.end())
        for m in _TOKEN.finditer(sentence)
    )


def number(spelling: str) -> Decimal:
    """Return what digits mean: 1.000,50 and 1,000.50 are the same, and 1.000 is a thousand."""
    digits = spelling.replace("'", "").replace(" ", "")
    last = max(digits.rfind("."), digits.rfind(","))
    if last < 0 or (_THOUSANDS.fullmatch(spelling) and len({*digits} & {".", ","}) == 1):
        return Decimal(re.sub(r"\D", "", digits))
    return Decimal(f"{re.sub(r'\D', '', digits[:last])}.{digits[last + 1 :]}")


def quantities(sentence: str) -> tuple[Atom, ...]:
    """Return the quantities of a sentence in `spelled` form."""
    return tuple(_Reader(sentence).atoms())


class _Reader:
    """Reads the quantities of one sentence from left to right."""

    def __init__(self, sentence: str) -> None:
        self._sentence, self._tokens = sentence, tokens(sentence)
        self._english: English = english()

    def atoms(self) -> Iterator[Atom]:
        at = 0
        while at < len(self._tokens):
            first = self._value(at)
            if first is None:
                at += 1
                continue
            last, values = self._range(first)
            yield from self._atoms(at, first, last, values)
            at = max(last.stop, at + 1)

    def _text(self, at: int) -> str:
        return self._tokens[at].text if 0 <= at < len(self._tokens) else ""

    def _value(self, at: int) -> _Read | None:
        """Return the number that begins at a token."""
        token = self._tokens[at]
        if token.kind == "time":
            hours, minutes = token.text.split(":")[:2]
            return self._half(_Read(Decimal(int(hours) * 60 + int(minutes)), at + 1, clock=True))
        if token.kind == "number":
            return self._multiplied(self._half(_Read(number(token.text), at + 1)))
        if token.kind == "word":
            return self._worded(at)
        return None

    def _half(self, read: _Read) -> _Read:
        """Return a number as a time of the day if `am` or `pm` follows."""
        after, length = self._text(read.stop), 1
        if after in {"a", "p"} and self._text(read.stop + 1) == ".":
            after, length = f"{after}.{self._text(read.stop + 2)}", 3
            length += self._text(read.stop + length) == "."
        if after not in _HALVES:
            return read
        minutes = read.value if read.clock else read.value * 60
        minutes = minutes % (_NOON * 60) + _HALVES[after] * 60
        return _Read(minutes, read.stop + length, clock=True)

    def _multiplied(self, read: _Read) -> _Read:
        times = self._english.multiples.get(self._text(read.stop))
        return _Read(read.value * times, read.stop + 1) if times else read

    def _worded(self, at: int) -> _Read | None:
        known, word = self._english.numbers, self._text(at)
        if word in self._english.multiples and self._text(at - 1) in {"a", "an"}:
            return _Read(self._english.multiples[word], at + 1)
        if word not in known:
            return self._article(at)
        read = _Read(known[word], at + 1)
        joint = read.stop + (self._text(read.stop) == "-")
        ones = known.get(self._text(joint), Decimal(0))
        if read.value >= 20 and 1 <= ones <= 9:
            read = _Read(read.value + ones, joint + 1)
        return self._multiplied(read)

    def _article(self, at: int) -> _Read | None:
        """Return 1 for `within a month`, and 0.5 for `half an hour`'s article is not a number."""
        unit = self._english.units.get(self._text(at + 1))
        before = self._text(at - 1)
        if self._text(at) not in {"a", "an"} or unit is None or unit.name == "second":
            return None
        if before in {"half", "quarter"} or not self._english.among("before_a_unit", before):
            return None
        return _Read(Decimal(1), at + 1)

    def _range(self, first: _Read) -> tuple[_Read, tuple[Decimal, ...]]:
        """Return the last number of a range, and its two ends; once the first if it is alone."""
        joint = first.stop
        if self._english.units.get(self._text(joint)):
            joint += 1
        words = self._english.words["joining"] | (
            {"and"} if "between" in self._before(first.stop, 6) else set()
        )
        if self._text(joint) in words and joint + 1 < len(self._tokens):
            start = joint + 1 + (self._text(joint + 1) in self._english.units)
            if start < len(self._tokens) and self._tokens[start].kind in {"number", "time"}:
                last = self._value(start)
            elif self._text(start) in self._english.numbers:
                last = self._worded(start)
            else:
                last = None
            if last:
                return last, (first.value, last.value)
        return first, (first.value,)

    def _before(self, at: int, most: int) -> set[str]:
        return {token.text for token in self._tokens[max(0, at - most) : at]}

    def _atoms(
        self, at: int, first: _Read, last: _Read, values: tuple[Decimal, ...]
    ) -> Iterator[Atom]:
        kind, unit, stop = self._unit(at, first, last)
        scaled = [_scaled(value, unit, self._english) for value in values]
        weak = self._text(at) == "one" and kind is Kind.NUMBER and len(values) == 1
        atom = Atom(
            kind=kind,
            values=frozenset({"-".join(value for value, _ in scaled)}),
            spelling=self._sentence[self._tokens[at].start : self._tokens[stop - 1].stop],
            unit=scaled[0][1],
            nouns=frozenset() if unit else self._nouns(stop),
            around=self._around(at, stop, unit),
            bound=self._bound(at),
            weak=weak,
        )
        yield atom
        if len(scaled) > 1:
            for value, _ in scaled:
                yield replace(atom, values=frozenset({value}), weak=True, end=True, bound="")

    def _unit(self, at: int, first: _Read, last: _Read) -> tuple[Kind, str, int]:
        """Return kind and unit of a number, and the token after it."""
        if last.clock:
            return Kind.TIME, "", last.stop
        before = self._english.units.get(self._text(at - 1))
        if before and before.kind == "amount":
            return Kind.AMOUNT, before.name, last.stop
        following = self._following(last.stop) or self._following(first.stop)
        if following is None:
            return Kind.NUMBER, "", last.stop
        unit, stop = following
        day = self._english.kinds_of_days.get(self._text(stop - 2), "")
        name = f"{day} day" if unit.name == "day" and day == "business" else unit.name
        return Kind(unit.kind), name, max(stop, last.stop)

    def _nouns(self, at: int) -> frozenset[str]:
        """Return the stems of the next two words, as far as they are content words."""
        found: set[str] = set()
        for token in self._tokens[at : at + 2]:
            if token.kind != "word" or self._english.among("stop", token.text):
                break
            found.add(stem(token.text))
        return frozenset(found)

    def _following(self, at: int) -> tuple[Unit, int] | None:
        """Return the unit that follows a number within two words between, and where it ends."""
        at += self._text(at) == "-"
        for step in range(4):
            text = self._text(at + step)
            if text == "per" and self._text(at + step + 1) == "cent":
                return Unit("percentage", "percent"), at + step + 2
            unit = self._english.units.get(text)
            if unit:
                return unit, at + step + 1
            between = self._english.words["between"] | self._english.kinds_of_days.keys()
            if text not in between and text != "-":
                return None
        return None

    def _around(self, start: int, stop: int, unit: str) -> frozenset[str]:
        """Return the stems of the clause without numbers and units: what the number is of."""
        ending = self._english.words["ending_clauses"]
        left, right = start, stop
        first, last = max(0, start - _CLAUSE), min(len(self._tokens), stop + _CLAUSE)
        while left > first and self._text(left - 1) not in ending:
            left -= 1
        while right < last and self._text(right) not in ending:
            right += 1
        words = (*self._tokens[left:start], *self._tokens[stop:right])
        return frozenset(
            stem(token.text)
            for token in words
            if token.kind == "word"
            and not self._english.among("stop", token.text)
            and token.text not in self._english.units
            and token.text not in self._english.numbers
            and not (unit and token.text in self._english.kinds_of_days)
        )

    def _bound(self, at: int) -> str:
        near = [self._text(at - step) for step in (1, 2)]
        if "most" in near[:1] or ("more" in near and "no" in [*near, self._text(at - 3)]):
            return "most"
        if near[0] == "than" and near[1] in {"more", "less", "fewer"}:
            return "least" if near[1] == "more" else "most"
        if near == ["to", "up"]:
            return "most"
        for bound in ("least", "most"):
            if self._english.among(bound, near[0]):
                return bound
        return ""


def _scaled(value: Decimal, unit: str, known: English) -> tuple[str, str]:
    """Return a value and its unit with weeks as days and years as months."""
    times, of = known.conversions.get(unit, (1, unit))
    scaled = (value * times).normalize()
    return f"{scaled:f}", of
