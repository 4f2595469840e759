"""Which tickets a list of the console shows: the fields of its form, and the query they mean."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self
from urllib.parse import urlencode

from helpdesk.agents import Query
from starlette.datastructures import QueryParams

from agent_cli import wanted
from agent_cli.fields import span_of
from agent_cli.moments import moment
from agent_cli.wanted import WantedError

AT_ONCE = 25
"""Tickets of a page."""

TEXTS = ("intent", "department", "category", "language", "channel", "tag", "owner")
"""Fields that are looked for as they are written."""

REVIEW = {"yes": True, "no": False}


@dataclass(frozen=True, slots=True)
class Choice:
    """What the agent chose, as written. `said` has the fields, `states` those that may be several.

    `cursor` is where the page begins; None is the first one.
    """

    said: dict[str, str]
    states: tuple[str, ...]
    cursor: str | None = None

    @classmethod
    def of(cls, given: QueryParams) -> Self:
        """Return the choice that an address says."""
        names = ("search", "full_text", "customer", "days", "age", *wanted.FIELDS)
        said = {name: given.get(name, "").strip() for name in names}
        states = tuple(dict.fromkeys(given.getlist("state")))
        return cls({name: text for name, text in said.items() if text}, states, given.get("cursor"))

    def __getitem__(self, name: str) -> str:
        """Return what was written into a field; "" if nothing was."""
        return self.said.get(name, "")

    @property
    def narrowed(self) -> bool:
        """Whether anything but words to search for is chosen."""
        return bool(self.states or set(self.said) - {"search", "full_text"})

    @property
    def fields(self) -> list[tuple[str, str]]:
        """The fields with their values, without the cursor."""
        return [*self.said.items(), *(("state", each) for each in self.states)]

    def address(self, path: str = "/tickets", **more: str) -> str:
        """Return the address of this list, with `more` values."""
        asked = urlencode([*self.fields, *more.items()])
        return f"{path}?{asked}" if asked else path

    @property
    def here(self) -> str:
        """The address of this page of the list."""
        return self.address(**({"cursor": self.cursor} if self.cursor else {}))

    @property
    def first(self) -> str:
        """The address of the first page."""
        return self.address()

    def deeper(self) -> "Choice":
        """Return the choice that looks for its words in every message, too."""
        return replace(self, said={**self.said, "full_text": "yes"}, cursor=None)

    def query(self, *, agents_name: str, now: datetime) -> Query:
        """Return the query that is meant. Raises WantedError or MomentError."""
        given: dict[str, Any] = {
            **dict.fromkeys(wanted.FIELDS),
            **{name: self[name] or None for name in TEXTS},
            "states": self._states(),
            "priority": _one_of(self["priority"], wanted.PRIORITIES, "priority"),
            "level": _number(self["level"], range(4), "level"),
            "review": _review(self["review"]),
            "waiting_longer_than": _span(self["age"]),
            "since": moment(self["since"], now, span=span_of) if self["since"] else None,
            "until": moment(self["until"], now, span=span_of) if self["until"] else None,
            "customer": self["customer"] or None,
            "search": self["search"] or None,
            "full_text": bool(self["full_text"]),
            "days": _number(self["days"], range(1, wanted.MOST_DAYS + 1), "number of days"),
            "limit": AT_ONCE,
        }
        return wanted.query_of(given, agents_name=agents_name)

    def _states(self) -> tuple[str, ...]:
        for each in self.states:
            _one_of(each, (*wanted.STATES, *wanted.GROUPS), "state")
        return self.states


def _one_of(text: str, known: tuple[str, ...], what: str) -> str | None:
    if text and text not in known:
        raise WantedError(f"{text!r} is not a {what}; choose {', '.join(known)}")
    return text or None


def _number(text: str, known: range, what: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and int(text) in known):
        raise WantedError(f"{text!r} is not a {what}; write {known[0]} to {known[-1]}")
    return int(text)


def _review(text: str) -> bool | None:
    said = _one_of(text, tuple(REVIEW), "choice of drafts")
    return None if said is None else REVIEW[said]


def _span(text: str) -> timedelta | None:
    try:
        return span_of(text) if text else None
    except ValueError as error:
        raise WantedError(str(error)) from error
