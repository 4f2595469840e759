"""The tickets that wait for people now: how long, and whether in time. Pure."""

from collections import Counter
from datetime import datetime, timedelta

from helpdesk.agents import Page

from agent_cli.pictures import charts
from agent_cli.pictures.charts import Column, Part
from agent_cli.web.exhibits.exhibit import Cell, Exhibit, Table, listed, nothing, plural, rows
from agent_cli.words import times

AGES = (
    (timedelta(hours=1), "1 h"),
    (timedelta(hours=4), "4 h"),
    (timedelta(hours=8), "8 h"),
    (timedelta(days=1), "1 d"),
    (timedelta(days=3), "3 d"),
    (timedelta(days=7), "7 d"),
)
"""The steps of ages; one more is for tickets that wait longer."""

IN_TIME, LATE = "bar", "hollow late"
KEY = ((IN_TIME, "in time"), (LATE, "past due"))


def ages(page: Page, now: datetime) -> Exhibit:
    """Return how long the tickets of a list have waited, in time and past due."""
    title = "Tickets that wait for people now"
    if not page.tickets:
        return nothing("waiting-now", title, "No ticket waits for a person.")
    counts: Counter[tuple[int, bool]] = Counter()
    for each in page.tickets:
        counts[_step(now - each.urgency.since), each.urgency.due < now] += 1
    late = sum(number for (_, is_late), number in counts.items() if is_late)
    every = len(page.tickets)
    who = f"{plural(every, 'ticket')} {'waits' if every == 1 else 'wait'}"
    if page.cursor:
        who = f"Of the {every:,} tickets that are due first"
    oldest = max(now - each.urgency.since for each in page.tickets)
    said = f"{who}, {late:,} past due; the oldest waits for {times.age(oldest)}."
    names = [f"up to {label}" for _, label in AGES] + ["longer"]
    labels = [label for _, label in AGES] + ["more"]
    shown = [
        Column(
            label=labels[index],
            parts=(Part(IN_TIME, counts[index, False]), Part(LATE, counts[index, True])),
            title=f"{name}: {counts[index, False]:,} in time, {counts[index, True]:,} past due",
        )
        for index, name in enumerate(names)
    ]
    table = Table(
        ("waits", "in time", "past due"),
        rows(
            *(
                (name, f"{counts[index, False]:,}", f"{counts[index, True]:,}")
                for index, name in enumerate(names)
            )
        ),
    )
    return Exhibit(
        name="waiting-now",
        title=title,
        said=said,
        picture=charts.columns("waiting-now", title, said, shown, key=KEY, most_labels=len(shown)),
        table=table,
        to=listed(),
        to_name="the tickets that wait",
    )


def holders(page: Page, now: datetime) -> Exhibit:
    """Return how many of the tickets of a list each agent holds."""
    title = "Who works on a ticket now"
    held = Counter(lease.agent for each in page.tickets if (lease := each.held_by(now)))
    if not held:
        return nothing("holders", title, "No agent holds a ticket.")
    said = f"{plural(len(held), 'agent')}, {plural(held.total(), 'ticket')}."
    table = Table(
        ("agent", "holds"),
        rows(*((Cell(name, listed(owner=name)), f"{n:,}") for name, n in held.most_common())),
    )
    return Exhibit(name="holders", title=title, said=said, table=table)


def _step(age: timedelta) -> int:
    return next((index for index, (end, _) in enumerate(AGES) if age <= end), len(AGES))
