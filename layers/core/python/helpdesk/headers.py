"""What the headers of a request ask of a door: done once, on which version, with an echo or not.

Entity tags and preconditions are those of RFC 9110 (sections 8.8.3 and 13), preferences those of
RFC 7240. A header that does not follow its grammar is refused, never ignored.
"""

import re
from dataclasses import dataclass

from chalice.app import Request

from helpdesk.access import IdempotencyKey
from helpdesk.contract import Fault
from helpdesk.repeating import Guard
from helpdesk.web import RefusalError, application_of

MAX_KEY = 255
"""Characters of an Idempotency-Key."""

KEY = rf"^[!-~]{{1,{MAX_KEY}}}$"
"""The pattern of an Idempotency-Key: visible characters of ASCII."""

_TAG = re.compile(r'[ \t]*(?:(?P<weak>W/)?"(?P<name>[^"\x00-\x20\x7f]*)")?[ \t]*(?:,|$)')
_PRECONDITIONS = ("if-match", "if-none-match")


@dataclass(frozen=True, slots=True)
class Tags:
    """Versions that a header names: `*` is every version there is."""

    everything: bool = False
    strong: frozenset[str] = frozenset()
    weak: frozenset[str] = frozenset()

    @property
    def versions(self) -> frozenset[int]:
        """The versions of a ticket among the tags; an ETag of ours is a number without zeros."""
        ours = (tag for tag in self.strong | self.weak if re.fullmatch("[1-9][0-9]{0,8}", tag))
        return frozenset(map(int, ours))

    def name(self, version: int, *, strongly: bool = False) -> bool:
        """Tell whether the tags name a version; `strongly`: not by a weak tag."""
        named = self.strong if strongly else self.strong | self.weak
        return self.everything or str(version) in named


def idempotency_key(request: Request) -> IdempotencyKey | None:
    """Return the client's Idempotency-Key, if it sent one. Raises RefusalError for a bad one."""
    lines = _lines(request, "idempotency-key")
    if not lines:
        return None
    if len(lines) > 1:
        raise _bad("Idempotency-Key", "It was sent more than once; send one key.")
    if not re.fullmatch(KEY, lines[0]):
        allowed = (
            f"1 to {MAX_KEY} visible ASCII characters are allowed: letters, digits and the signs "
            "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~, but no blanks."
        )
        raise _bad("Idempotency-Key", allowed, limit=MAX_KEY)
    return IdempotencyKey(scope=application_of(request), key=lines[0])


def seen(request: Request) -> Tags | None:
    """Return what If-None-Match names; None without it. Raises RefusalError."""
    return _tags(request, "If-None-Match")


def guard(request: Request) -> Guard:
    """Return what a request for a ticket demands: its key and its preconditions.

    Raises RefusalError for a header that does not follow its grammar.
    """
    wanted, unwanted = _tags(request, "If-Match"), _tags(request, "If-None-Match")

    def allows(version: int) -> bool:
        met = wanted is None or wanted.name(version, strongly=True)
        return met and not (unwanted and unwanted.name(version))

    return Guard(idempotency_key(request), allows)


def expect(request: Request, version: int) -> None:
    """Raise RefusalError if If-Match names other versions than this one."""
    tags = _tags(request, "If-Match")
    if tags and not tags.name(version, strongly=True):
        detail = f'The ticket is in version "{version}", which If-Match does not name.'
        raise RefusalError(412, "Another version", detail)


def no_preconditions(request: Request) -> None:
    """Raise RefusalError for a precondition where nothing has versions."""
    for name in _PRECONDITIONS:
        if _lines(request, name):
            shown = "-".join(word.capitalize() for word in name.split("-"))
            raise _bad(shown, "Only tickets have versions; leave the header out here.")


def wants_echo(request: Request) -> bool:
    """Tell whether `Prefer: return=representation` asks for what was stored."""
    preferences = ",".join(_lines(request, "prefer")).split(",")
    names = (each.partition(";")[0].replace('"', "").lower() for each in preferences)
    return "return=representation" in {"".join(name.split()) for name in names}


def _tags(request: Request, header: str) -> Tags | None:
    lines = _lines(request, header.lower())
    if not lines:
        return None
    listed = ", ".join(lines).strip(" \t")
    if listed == "*":
        return Tags(everything=True)
    strong: set[str] = set()
    weak: set[str] = set()
    at = 0
    while at < len(listed):
        if (found := _TAG.match(listed, at)) is None:
            allowed = 'Name versions as ETag gives them, such as "3" or "3", "4"; or send *.'
            raise _bad(header, allowed)
        if found["name"] is not None:
            (weak if found["weak"] else strong).add(found["name"])
        at = found.end()
    return Tags(strong=frozenset(strong), weak=frozenset(weak))


def _lines(request: Request, name: str) -> list[str]:
    """Return what a header says, once for each time it was sent."""
    event = request.to_original_event() or {}
    many = event.get("multiValueHeaders") or {}
    found = [value for key, values in many.items() if key.lower() == name for value in values]
    return found or ([request.headers[name]] if name in request.headers else [])


def _bad(header: str, allowed: str, *, limit: int | None = None) -> RefusalError:
    fault = Fault(field=header, message=allowed, limit=limit)
    return RefusalError(400, "Bad header", f"{header}: {allowed}", errors=[fault])
