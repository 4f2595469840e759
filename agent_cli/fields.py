"""What people type for spans and moments."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import click

_SPAN = re.compile(r"(\d{1,6})\s*(min|m|h|d|w)", re.IGNORECASE)
_UNITS = {"min": "minutes", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def span_of(text: str) -> timedelta:
    """Return the span that `30m`, `2h`, `3d` or `1w` stand for. Raises ValueError."""
    match = _SPAN.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a span of time; write 30m, 2h, 3d or 1w")
    return timedelta(**{_UNITS[match[2].lower()]: int(match[1])})


MOST_UNDO = timedelta(minutes=2)
"""How long a reply may wait: the customer waits as well."""

_SECONDS = re.compile(r"(\d{1,4})\s*(s|m|min)?", re.IGNORECASE)


def undo_of(text: str) -> timedelta:
    """Return how long a reply waits: `10s`, `1m`, `0` or `off`. Raises ValueError."""
    said = text.strip().lower()
    match = _SECONDS.fullmatch("0" if said == "off" else said)
    if match is None:
        raise ValueError(f"{text!r} is not a time to undo; write 5s, 1m, or 0 for none")
    unit = "minutes" if (match[2] or "s").startswith("m") else "seconds"
    found = timedelta(**{unit: int(match[1])})
    if found > MOST_UNDO:
        raise ValueError(f"{text!r} is too long: a reply can wait 2 minutes at most")
    return found


class _Length(click.ParamType[timedelta]):
    """A length of time as `reads` reads it."""

    reads: Callable[[str], timedelta]

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        """Read the length."""
        if isinstance(value, timedelta):
            return value
        try:
            return self.reads(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


class Undo(_Length):
    """How long a reply waits before it is sent: `10s`, `1m`, `0`."""

    name = "time"
    reads = staticmethod(undo_of)


class Span(_Length):
    """A span of time: `30m`, `2h`, `3d`, `1w`."""

    name = "span"
    reads = staticmethod(span_of)


def country_of(text: str) -> str:
    """Return a country's code of ISO 3166 in capitals. Raises ValueError."""
    code = text.strip().upper()
    if not re.fullmatch("[A-Z]{2}", code):
        raise ValueError(f"{text!r} is not a country code; write DE or US")
    return code


class Country(click.ParamType[str]):
    """A country by its code of ISO 3166: `DE`, `us`."""

    name = "country"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Read the code, in capitals."""
        try:
            return country_of(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


class Moment(click.ParamType[datetime]):
    """A moment: `tomorrow 9`, `mon 14:00`, `2026-03-02T09:00`; local time if it names no zone."""

    name = "moment"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Read a moment."""
        from agent_cli.moments import moment_of
        from agent_cli.session import now

        if isinstance(value, datetime):
            return value
        try:
            return moment_of(str(value), now(), span=span_of)
        except (ValueError, OverflowError) as error:
            self.fail(str(error), param, ctx)
