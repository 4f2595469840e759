"""What people type for spans and moments."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import click

_SPAN = re.compile(r"(\d{1,6})\s*(min|m|h|d|w)", re.IGNORECASE)
_UNITS = {"min": "minutes", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class Span(click.ParamType[timedelta]):
    """A span of time: `30m`, `2h`, `3d`, `1w`."""

    name = "span"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        """Read a span."""
        if isinstance(value, timedelta):
            return value
        match = _SPAN.fullmatch(str(value).strip())
        if match is None:
            self.fail(f"{value!r} is no span of time; write 30m, 2h, 3d or 1w", param, ctx)
        return timedelta(**{_UNITS[match[2].lower()]: int(match[1])})


class Moment(click.ParamType[datetime]):
    """A moment in ISO 8601, in the machine's time zone if it names none."""

    name = "moment"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Read a moment."""
        if isinstance(value, datetime):
            return value
        try:
            return datetime.fromisoformat(str(value).strip()).astimezone(UTC)
        except ValueError:
            self.fail(f"{value!r} is no moment; write 2026-03-02 or 2026-03-02T09:00", param, ctx)
