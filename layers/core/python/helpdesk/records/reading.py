"""A record and an order from what a file or another system says of them.

Only fields of a list are read: an address, a phone number or what was paid never gets in. What the
desk would show to a customer is one line of printable text, and a link leads to a page by HTTPS.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Final
from unicodedata import normalize
from urllib.parse import urlsplit

from helpdesk import characters
from helpdesk.records.model import Order, Record

ORDER_FIELDS: Final = (
    "number", "status", "placed_on", "expected_on", "carrier", "tracking", "items", "open",
)  # fmt: skip
"""What an order says."""

FIELDS: Final = (
    "company", "language", "lead_score", "name", "owner", "plan", "segment", "since", "stage",
    "tier",
)  # fmt: skip
"""What a record may say beside the orders."""

LONGEST = 120
"""Characters of a value, or of one item of an order."""

LONGEST_NUMBER = 40
"""Characters of an order's number."""

LONGEST_LINK = 300
"""Characters of a link."""

MOST_ITEMS = 50
"""Items of an order."""

ENDED: Final = frozenset(
    "delivered completed cancelled canceled returned refunded closed collected".split()
)
"""The states of orders that are not open, where it is not said whether they are."""

_STATUS = re.compile(r"[a-z][a-z0-9]*(?:[ _-][a-z0-9]+)*")
_DIGITS = re.compile(r"(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)")
_TRUTH: Final = {
    "true": True, "yes": True, "1": True, "open": True,
    "false": False, "no": False, "0": False, "closed": False,
}  # fmt: skip


class InvalidRecordError(ValueError):
    """A record or an order that is not kept; the message says which field is wrong, and how."""


def number_key(number: str) -> str:
    """Return an order's number in the form in which equal numbers are equal.

    Case, a leading # and spaces do not count.
    """
    folded = normalize("NFKC", number).upper()
    return "".join(folded.split()).lstrip("#")


def newest_first(orders: Iterable[Order]) -> tuple[Order, ...]:
    """Return orders by the day they were placed, and by number within a day, the newest first."""
    known = sorted(orders, key=lambda each: number_key(each.number), reverse=True)
    return tuple(sorted(known, key=lambda each: each.placed_on or date.min, reverse=True))


def read_order(said: Mapping[str, object]) -> Order:
    """Return the order that a mapping tells of; its other fields are left out.

    Values are texts, as in a table, or have their own types. Items are a list, or texts with
    semicolons between them. Raises InvalidRecordError.
    """
    number = _text(said, "number", LONGEST_NUMBER)
    status = _text(said, "status", LONGEST)
    if not number or not number_key(number):
        raise InvalidRecordError("number: every order needs one")
    if not status:
        raise InvalidRecordError("status: every order needs one")
    status = status.casefold()
    if not _STATUS.fullmatch(status):
        raise InvalidRecordError("status: not a word such as shipped, or a few of them")
    status = re.sub(r"[ -]", "_", status)
    return Order(
        number=number.lstrip("#"),
        status=status,
        placed_on=_day(said, "placed_on"),
        expected_on=_day(said, "expected_on"),
        carrier=_text(said, "carrier", LONGEST),
        tracking=_link(said, "tracking"),
        items=_items(said.get("items")),
        open=_open(said.get("open"), status),
    )


def read_record(said: Mapping[str, object]) -> Record | None:
    """Return the record that a mapping tells of, by FIELDS alone; None if it has none of them.

    Raises InvalidRecordError.
    """
    found = ((name, _text(said, name, LONGEST)) for name in FIELDS)
    fields = tuple((name, text) for name, text in found if text)
    return Record(fields=fields) if fields else None


def _text(said: Mapping[str, object], name: str, longest: int) -> str | None:
    value = said.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise InvalidRecordError(f"{name}: not a text")
    return _line(str(value), name, longest)


def _line(text: str, name: str, longest: int) -> str | None:
    text = text.strip()
    if not text:
        return None
    if len(text) > longest:
        raise InvalidRecordError(f"{name}: more than {longest} characters")
    if not text.isprintable() or characters.shows_nothing(text):
        raise InvalidRecordError(f"{name}: it has line breaks or characters that show nothing")
    if _has_card(text):
        raise InvalidRecordError(f"{name}: it looks like the number of a card")
    return text


def _has_card(text: str) -> bool:
    """Tell whether a text holds a number of 13 to 19 digits with a right check digit (Luhn)."""
    return any(_luhn(re.sub(r"\D", "", each)) for each in _DIGITS.findall(text))


def _luhn(digits: str) -> bool:
    doubled = (int(d) * (1 + at % 2) for at, d in enumerate(reversed(digits)))
    return sum(each - 9 if each > 9 else each for each in doubled) % 10 == 0


def _day(said: Mapping[str, object], name: str) -> date | None:
    value = said.get(name)
    if isinstance(value, datetime):
        return value.date()
    if value is None or isinstance(value, date):
        return value
    if not isinstance(value, str):
        raise InvalidRecordError(f"{name}: not a day such as 2026-03-02")
    if not value.strip():
        return None
    try:
        return datetime.fromisoformat(value.strip()).date()
    except ValueError:
        raise InvalidRecordError(f"{name}: not a day such as 2026-03-02") from None


def _link(said: Mapping[str, object], name: str) -> str | None:
    value = said.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > LONGEST_LINK:
        raise InvalidRecordError(f"{name}: not an address of at most {LONGEST_LINK} characters")
    value = value.strip()
    try:
        at = urlsplit(value)
        good = at.scheme == "https" and "." in (at.hostname or "") and at.username is None
    except ValueError:
        good = False
    if not good or not value.isascii() or re.search(r"[\s<>\"{}\[\]\\^`|]", value):
        raise InvalidRecordError(f"{name}: not a full address that begins with https://")
    return value


def _items(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    many: Iterable[object] = value.split(";") if isinstance(value, str) else ()
    if isinstance(value, list | tuple):
        many = value
    elif not isinstance(value, str):
        raise InvalidRecordError("items: neither a list nor texts with semicolons between them")
    found = []
    for each in many:
        if not isinstance(each, str):
            raise InvalidRecordError("items: not a list of texts")
        if text := _line(each, "items", LONGEST):
            found.append(text)
    if len(found) > MOST_ITEMS:
        raise InvalidRecordError(f"items: more than {MOST_ITEMS}")
    return tuple(found)


def _open(value: object, status: str) -> bool:
    if isinstance(value, bool):
        return value
    if value is None or value == "":
        return status not in ENDED
    known = _TRUTH.get(str(value).strip().casefold())
    if known is None:
        raise InvalidRecordError("open: neither yes nor no")
    return known
