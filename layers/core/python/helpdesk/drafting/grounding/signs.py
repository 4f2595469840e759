"""Atoms that are no quantities: links, addresses, phones, dates, weekdays, identifiers, names."""

import re
from collections.abc import Callable, Iterator

from helpdesk.drafting.grounding.atoms import Atom, Kind
from helpdesk.drafting.grounding.english import english, plain

_LINK = re.compile(
    r"[a-z][a-z0-9+.-]{1,20}://[^\s\"<>]+|\bwww\.[^\s\"<>]+|\b(?:javascript|data|mailto|tel):[^\s\"<>]+"
    r"|(?<![\w@.-])(?:[a-z0-9-]+\.)+[a-z]{2,24}(?:/[^\s\"<>]*)?(?![\w@])",
    re.IGNORECASE,
)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"(?:\+|\b00?|\(0)\d[\d ()/-]{5,}\d")
_MONTHS_SHORT = tuple("jan feb mar apr may jun jul aug sep oct nov dec".split())
_MONTHS = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    "|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
_DATES = (
    re.compile(r"\b(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})\b"),
    re.compile(r"\b(?P<d>\d{1,2})\.\s?(?P<m>\d{1,2})\.(?:\s?(?P<y>\d{4}|\d{2})\b)?"),
    re.compile(r"\b(?P<d>\d{1,2})(?P<s>[/-])(?P<m>\d{1,2})[/-](?P<y>\d{4}|\d{2})\b"),
    re.compile(
        rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th|\.)?\s(?:of\s)?(?P<n>{_MONTHS})\b\.?"
        r"(?:,?\s(?P<y>\d{4})\b)?",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b(?P<n>{_MONTHS})\b\.?\s(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\b(?!:)(?:,?\s(?P<y>\d{{4}})\b)?",
        re.IGNORECASE,
    ),
)
_WEEKDAY = re.compile(
    r"\b(?:(mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:days?)|(Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b)",
    re.IGNORECASE,
)
_IDENTIFIER = re.compile(
    r"#\s?\d[\w-]*|\b[A-Za-z]{1,8}-?\d[\w-]*\b|\b\d+[A-Za-z]{1,8}\d[\w-]*\b|\b\d{3,}(?:-\d{2,})+\b"
)
_LONG = re.compile(r"(?<![\w.,-])\d{3,}(?![\w-]|[.,]\d)")
_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
_QUOTED = re.compile(r'"([^"\n]{1,80})"')
_CAPITALS = re.compile(r"[^\W\d_]*[a-z][A-Z]|[A-Z]{2,}")

_NEAR = 80
"""Characters beside a sign that are looked at."""


class Signs:
    """Takes atoms out of a sentence one kind after the other; `rest` is what is left to read."""

    def __init__(self, sentence: str) -> None:
        self.rest = sentence
        self.atoms: list[Atom] = []
        self._take(_LINK, Kind.LINK, address)  # first: a link may hold an "@"
        self._take(_EMAIL, Kind.EMAIL, str.casefold)
        for pattern in _DATES:
            self._dates(pattern)
        self._take(_PHONE, Kind.PHONE, digits)
        self._weekdays()
        self._identifiers()
        self.atoms.extend(_names(sentence, self.rest))

    def _blank(self, start: int, stop: int) -> None:
        self.rest = self.rest[:start] + " " * (stop - start) + self.rest[stop:]

    def _take(self, pattern: re.Pattern[str], kind: Kind, value: Callable[[str], str]) -> None:
        for found in list(pattern.finditer(self.rest)):
            if kind is Kind.LINK and not _is_link(found[0]):
                continue
            spelling = found[0].rstrip(".,;:!?)'")
            self.atoms.append(
                Atom(kind=kind, values=frozenset({value(spelling)}), spelling=spelling)
            )
            self._blank(found.start(), found.start() + len(spelling))

    def _dates(self, pattern: re.Pattern[str]) -> None:
        for found in list(pattern.finditer(self.rest)):
            readings = frozenset(_readings(found.groupdict()))
            if readings:
                self.atoms.append(Atom(kind=Kind.DATE, values=readings, spelling=found[0].strip()))
                self._blank(*found.span())

    def _weekdays(self) -> None:
        for found in list(_WEEKDAY.finditer(self.rest)):
            if found[0].islower() and found[2]:
                continue
            value = frozenset({found[0][:3].casefold()})
            self.atoms.append(Atom(kind=Kind.WEEKDAY, values=value, spelling=found[0]))

    def _identifiers(self) -> None:
        """Take codes; and long numbers where the words before say that they name something."""
        for found in list(_IDENTIFIER.finditer(self.rest)):
            self._identifier(found)
        for found in list(_LONG.finditer(self.rest)):
            if self._names_something(*found.span()):
                self._identifier(found)

    def _names_something(self, start: int, stop: int) -> bool:
        """Tell whether the words before a number say so, and no unit stands beside it."""
        units = english().units
        before = self.rest[max(0, start - _NEAR) : start]
        after = self.rest[stop : stop + _NEAR]
        unit = _WORD.match(after.lstrip(" -"))
        beside = {plain(unit[0]) if unit else "", after.lstrip()[:1], before.rstrip()[-1:]}
        if beside & units.keys():
            return False
        words = (plain(word) for word in _WORD.findall(before)[-3:])
        return any(english().among("reference", word) for word in words)

    def _identifier(self, found: re.Match[str]) -> None:
        value = code(found[0])
        self.atoms.append(
            Atom(kind=Kind.IDENTIFIER, values=frozenset({value}), spelling=found[0].strip())
        )
        self._blank(*found.span())


def address(link: str) -> str:
    """Return a link in the spelling that is compared: no scheme's case, no sign at its end."""
    return re.sub(r"^(?:https?://)?(?:www\.)?", "", link.strip().casefold()).rstrip("/.,;:!?)'")


def digits(text: str) -> str:
    """Return the digits of a text, as phone numbers are compared."""
    return re.sub(r"\D", "", text)


def code(text: str) -> str:
    """Return an identifier in the spelling that is compared."""
    return re.sub(r"[\W_]", "", text).upper()


def _is_link(text: str) -> bool:
    """Tell a link from an abbreviation, and from two sentences without a space between."""
    if "://" in text or ":" in text or text.casefold().startswith("www."):
        return True
    last = text.split("/", maxsplit=1)[0].rsplit(".", 1)[-1]
    return not (last[:1].isupper() and not last.isupper())


def _readings(found: dict[str, str | None]) -> Iterator[str]:
    """Yield the days that a date may mean: `26:11-29`, or `:11-29` without a year."""
    day, year = int(found["d"] or 0), (found.get("y") or "")[-2:]
    name = (found.get("n") or "").casefold()[:3]
    month = _MONTHS_SHORT.index(name) + 1 if name else int(found.get("m") or 0)
    pairs = {(month, day)} | ({(day, month)} if found.get("s") else set())
    for of_year, of_month in sorted(pairs):
        if 1 <= of_year <= len(_MONTHS_SHORT) and 1 <= of_month <= 31:
            yield f"{year}:{of_year}-{of_month}"


def _names(sentence: str, rest: str) -> Iterator[Atom]:
    """Yield the capitalised words that no start of a sentence explains, and what is quoted."""
    for found in _QUOTED.finditer(sentence):
        words = frozenset({" ".join(plain(word) for word in _WORD.findall(found[1]))})
        if words != {""}:
            yield Atom(kind=Kind.NAME, values=words, spelling=found[0])
    words_found = list(_WORD.finditer(rest))
    for at, found in enumerate(words_found):
        word = found[0]
        if not word[0].isupper() or english().among("titles", plain(word)):
            continue
        if english().among("weekdays", plain(word).removesuffix("s")) or _is_unit(word):
            continue
        if _starts(rest, found.start()) and not _CAPITALS.match(word):
            after = words_found[at + 1] if at + 1 < len(words_found) else None
            joined = after and rest[found.end() : after.start()] == " "
            common = english().among("stop", plain(word)) or english().among("titles", plain(word))
            if common or not (joined and after and after[0][0].isupper()):
                continue
        yield Atom(kind=Kind.NAME, values=frozenset({plain(word)}), spelling=word)


def _is_unit(word: str) -> bool:
    return plain(word) in english().units


def _starts(text: str, at: int) -> bool:
    before = text[max(0, at - _NEAR) : at].rstrip(" \"'([*_-")
    return not before or before[-1] in ".!?:\n"
