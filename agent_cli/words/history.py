"""What is said of a move in a ticket's history."""

from datetime import datetime

from agent_cli.words.tickets import EventView
from agent_cli.words.times import minute


def what(event: EventView) -> str:
    """Return what a move left and changed: its note, then the fields with their values."""
    told = [f"{name} {_told(name, value)}" for name, value in event.changed.items() if value]
    return "; ".join([*([event.note] if event.note else []), *told])


def _told(name: str, value: str) -> str:
    return minute(datetime.fromisoformat(value)) if name.endswith("_until") else value
