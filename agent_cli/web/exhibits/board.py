"""The exhibits of the dashboard, from what was counted of days. Pure."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from helpdesk.figures import BOUNDS, DIMENSIONS, LONGER, NONE, Board, Hour, Share, within

from agent_cli.pictures import charts
from agent_cli.pictures.charts import Column, Part, Row, Series
from agent_cli.web.exhibits.exhibit import Cell, Exhibit, Table, listed, nothing, plural, rows
from agent_cli.words import times

TOP = 8
"""Rows of a picture of rows; the table beside it has them all."""

BY_DESK, BY_PEOPLE = "bar", "hollow"
"""How what the desk answered and what people got look."""

KEY = ((BY_DESK, "answered"), (BY_PEOPLE, "handed over"))

WAITS = (300, 900, 1_800, 3_600, 7_200, 14_400, 28_800, 86_400)
"""The steps of the histogram of waiting times, in seconds; one more is for what took longer."""

FILTERS = {
    "status": "state",
    **{name: name for name in ("category", "priority", "level", "channel", "language")},
}
"""By which filter of the list the tickets of a dimension are found; lists know no team."""


def hours(board: Board) -> Exhibit:
    """Return what the last 24 hours brought, against the same hours a week ago."""
    title = "The last 24 hours, by hour"
    answered, escalated = _sums(board.hours)
    before = sum(_before(each) or 0 for each in board.hours)
    if not answered and not escalated and not before:
        return nothing("hours", title, "No question was settled in the last 24 hours.")
    said = (
        f"In the last 24 hours the desk answered {answered:,} and handed over {escalated:,}; "
        f"in the same hours a week ago both together were {before:,}."
    )
    if any(each.answered_before is None for each in board.hours):
        said += " Some of the hours a week ago were not counted."
    shown = [_column(each) for each in board.hours]
    key = (*KEY, ("before", "both, a week ago"))
    table = Table(
        ("hour", "answered", "handed over", "both, a week ago"),
        rows(
            *(
                (times.minute(each.at), *map(_told, (each.answered, each.escalated, _before(each))))
                for each in reversed(board.hours)
            )
        ),
    )
    return Exhibit(
        name="hours",
        title=title,
        said=said,
        picture=charts.columns("hours", title, said, shown, key=key),
        table=table,
        note="The last column is the open hour. Counted about once a minute.",
        to=listed(state="all", since=f"{board.hours[0].at:%Y-%m-%dT%H:%MZ}"),
        to_name="the tickets that came since then",
    )


def days(board: Board) -> Exhibit:
    """Return the share that the desk answered by itself, by day, and how much of it stayed so."""
    title = "Answered automatically, by day"
    total = _total(board.days)
    if total.automatic is None:
        return nothing("days", title, "No question was settled in these days.")
    said = f"The desk answered {total.automatic:.0%} of what was settled by itself"
    said += f"; {total.stayed:.0%} of these answers stayed." if total.stayed is not None else "."
    series = (
        Series(
            kind="first",
            name="answered by the desk",
            points=tuple((each.automatic, _of_day(each)) for each in board.days),
        ),
        Series(
            kind="second",
            name="stayed solved",
            points=tuple((each.stayed, _of_day(each)) for each in board.days),
        ),
    )
    labels = [f"{each.day:%d %b}" for each in board.days]
    table = Table(
        ("day (UTC)", "answered", "handed over", "share", "stayed solved"),
        rows(
            *(
                (
                    Cell(str(each.day), _of_days(each.day, each.day, state="all")),
                    f"{each.answered:,}",
                    f"{each.escalated:,}",
                    _share(each.automatic),
                    _share(each.stayed),
                )
                for each in reversed(board.days)
            )
        ),
    )
    return Exhibit(
        name="days",
        title=title,
        said=said,
        picture=charts.lines("days", title, said, series, labels),
        table=table,
        note="An answer stayed if the customer did not write again (thanks do not count), did not "
        "say that it did not help, and no agent opened the ticket again. It counts for the day on "
        "which the ticket came, so the latest days may still fall.",
        to=_span(board, state="all"),
        to_name="the tickets that came in these days",
    )


def replies(board: Board) -> Exhibit:
    """Return how long customers waited for the replies of people."""
    title = "How long customers waited for a person's reply"
    waits = board.course.waits
    every = sum(waits.values())
    if not every:
        return nothing("replies", title, "No agent replied in these days.")
    half, most = within(waits, 0.5), within(waits, 0.9)
    said = (
        f"Of {plural(every, 'reply', 'replies')} half came within {_wait(half)}, "
        f"90 % within {_wait(most)}."
    )
    merged = _merged(waits)
    shown = [
        Column(
            label=label,
            parts=(Part(BY_DESK, number),),
            title=f"{name}: {plural(number, 'reply', 'replies')}",
        )
        for name, label, number in merged
    ]
    limits = [(_place(half), "half"), (_place(most), "90 %")]
    table = Table(("waited", "replies"), rows(*((name, f"{n:,}") for name, _, n in merged)))
    return Exhibit(
        name="replies",
        title=title,
        said=said,
        picture=charts.columns(
            "replies", title, said, shown, limits=limits, most_labels=len(shown)
        ),
        table=table,
        note="Each column is what came within its time and not within the one before. Only hours "
        "in which the desk works count.",
        to=_span(board, state="answered"),
        to_name="the answered tickets of these days",
    )


def intents(board: Board) -> Exhibit:
    """Return what people asked about most, answered against handed over."""
    title = "What people ask about"
    found = {
        name: (each.get("answered", 0), each.get("escalated", 0))
        for name, each in board.course.intents.items()
        if each.get("answered") or each.get("escalated")
    }
    if not found:
        return nothing("intents", title, "No question was understood in these days.")
    ordered = sorted(found.items(), key=lambda each: (-sum(each[1]), each[0]))
    (first, (answered, escalated)) = ordered[0]
    said = (
        f"Most asked about: {_plain(first)}, {answered:,} times answered and {escalated:,} times "
        "handed over."
    )
    shown = [
        Row(
            name=_plain(name),
            said=f"{answered:,} / {escalated:,}",
            parts=(Part(BY_DESK, answered), Part(BY_PEOPLE, escalated)),
            title=f"{_plain(name)}: {answered:,} answered, {escalated:,} handed over",
        )
        for name, (answered, escalated) in ordered[:TOP]
    ]
    table = Table(
        ("intent", "answered", "handed over"),
        rows(
            *(
                (
                    Cell(_plain(name), _span(board, state="all", intent=name)),
                    f"{answered:,}",
                    f"{escalated:,}",
                )
                for name, (answered, escalated) in ordered
            )
        ),
    )
    return Exhibit(
        name="intents",
        title=title,
        said=said,
        picture=charts.rows("intents", title, said, shown, key=KEY),
        table=table,
        to=_span(board, state="all"),
        to_name="the tickets that came in these days",
    )


def reasons(board: Board) -> Exhibit:
    """Return why people got tickets."""
    title = "Why people got tickets"
    found = board.course.reasons
    if not found:
        return nothing("reasons", title, "No ticket was handed over in these days.")
    ordered = sorted(found.items(), key=lambda each: (-each[1], each[0]))
    every = sum(found.values())
    (first, most) = ordered[0]
    said = (
        f"People got tickets {every:,} times, most often for: {_plain(first)} ({most / every:.0%})."
    )
    shown = [
        Row(
            name=_plain(name),
            said=f"{number:,}",
            parts=(Part(BY_PEOPLE, number),),
            title=f"{_plain(name)}: {number:,}",
        )
        for name, number in ordered[:TOP]
    ]
    return Exhibit(
        name="reasons",
        title=title,
        said=said,
        picture=charts.rows("reasons", title, said, shown),
        table=Table(("reason", "tickets"), rows(*((_plain(n), f"{of:,}") for n, of in ordered))),
        to=_span(board, state="escalated"),
        to_name="the tickets of these days that people have",
    )


def agents(board: Board) -> Exhibit:
    """Return a row for each agent who replied."""
    title = "Agents"
    found = board.course.agents
    if not found:
        return nothing("agents", title, "No agent replied in these days.")
    ordered = sorted(found.items(), key=lambda each: (-sum(each[1].values()), each[0]))
    every = sum(sum(waits.values()) for waits in found.values())
    said = f"{plural(len(found), 'agent')} sent {plural(every, 'reply', 'replies')}."
    table = Table(
        ("agent", "replies", "half within", "90 % within"),
        rows(
            *(
                (
                    Cell(name, listed(owner=name)),
                    f"{sum(waits.values()):,}",
                    _wait(within(waits, 0.5)),
                    _wait(within(waits, 0.9)),
                )
                for name, waits in ordered
            )
        ),
    )
    return Exhibit(name="agents", title=title, said=said, table=table)


def totals(board: Board) -> Iterator[Exhibit]:
    """Yield the tickets that came, by each of what they are counted by."""
    for name in DIMENSIONS:
        counts: Mapping[str, int] = getattr(board.figures.tickets, name)
        if not counts:
            yield nothing(f"by-{name}", name.capitalize(), "No ticket came in these days.")
            continue
        table = Table(
            (name, "tickets"),
            rows(
                *(
                    (Cell(_plain(value), _list_of(board, name, value)), f"{number:,}")
                    for value, number in counts.items()
                )
            ),
        )
        said = f"{plural(sum(counts.values()), 'ticket')} in all."
        yield Exhibit(name=f"by-{name}", title=name.capitalize(), said=said, table=table)


def _list_of(board: Board, name: str, value: str) -> str:
    """Return the list of the tickets with a value; none if lists cannot be asked for it."""
    if name not in FILTERS or value == NONE:
        return ""
    return _span(board, **{"state": "all", FILTERS[name]: value})


def _span(board: Board, **wanted: str) -> str:
    return _of_days(board.figures.since, board.figures.until, **wanted)


def _of_days(first: date, last: date, **wanted: str) -> str:
    """Return the list of the tickets that came on these days (UTC)."""
    return listed(**wanted, since=f"{first}T00:00Z", until=f"{last + timedelta(days=1)}T00:00Z")


def _column(each: Hour) -> Column:
    before = _before(each)
    title = f"{times.minute(each.at)}: {_told(each.answered)} answered, "
    title += f"{_told(each.escalated)} handed over; a week ago {_told(before)}"
    return Column(
        label=f"{each.at.astimezone():%H}",
        parts=(Part(BY_DESK, each.answered or 0), Part(BY_PEOPLE, each.escalated or 0)),
        title=title,
        before=before,
    )


def _before(each: Hour) -> int | None:
    if each.answered_before is None or each.escalated_before is None:
        return None
    return each.answered_before + each.escalated_before


def _sums(found: tuple[Hour, ...]) -> tuple[int, int]:
    return sum(each.answered or 0 for each in found), sum(each.escalated or 0 for each in found)


def _total(found: tuple[Share, ...]) -> Share:
    return Share(
        day=date.min,
        answered=sum(each.answered for each in found),
        escalated=sum(each.escalated for each in found),
        given=sum(each.given for each in found),
        returned=sum(each.returned for each in found),
    )


def _of_day(each: Share) -> str:
    said = f"{each.day}: {each.answered:,} answered, {each.escalated:,} handed over"
    return said if each.stayed is None else f"{said}, {each.stayed:.0%} stayed solved"


def _merged(waits: Mapping[str, int]) -> list[tuple[str, str, int]]:
    """Return the name, the short label and the number of each step of the histogram."""
    found, begin = [], 0
    for end in WAITS:
        number = sum(waits.get(str(each), 0) for each in BOUNDS if begin < each <= end)
        found.append((f"within {times.age(timedelta(seconds=end))}", _short(end), number))
        begin = end
    longer = sum(waits.get(str(each), 0) for each in BOUNDS if each > begin)
    found.append(("longer", "more", longer + waits.get(LONGER, 0)))
    return found


def _short(seconds: int) -> str:
    return times.age(timedelta(seconds=seconds)).replace(" ", "").replace("min", "m")


def _place(seconds: int | None) -> int:
    """Return the column of the histogram in which a waiting time lies."""
    if seconds is None:
        return len(WAITS)
    return next((index for index, end in enumerate(WAITS) if seconds <= end), len(WAITS))


def _wait(seconds: int | None) -> str:
    return "more than 7 d" if seconds is None else times.age(timedelta(seconds=seconds))


def _share(share: float | None) -> str:
    return "-" if share is None else f"{share:.0%}"


def _told(number: int | None) -> str:
    return "not counted" if number is None else f"{number:,}"


def _plain(name: str) -> str:
    return name.replace("_", " ")
