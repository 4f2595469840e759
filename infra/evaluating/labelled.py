"""Messages with the intents that are right for them, read from JSON Lines.

Lines are `{"text": …, "intent": name or null}`; null is out of scope. A line may list further
acceptable intents under `also`.
"""

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Labelled:
    """A message with the intents that are right for it; none for one out of scope."""

    text: str
    intents: frozenset[str]


def read_messages(path: Path) -> list[Labelled]:
    """The labelled messages of a JSON Lines file. Raises ValueError naming a bad line."""
    messages = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        try:
            record = json.loads(line)
            named = {record.get("intent"), *record.get("also", ())} - {None}
            # For a message out of scope, `also` lists tolerated answers, not right ones.
            meant = named if record.get("intent") is not None else set()
            messages.append(Labelled(record["text"], frozenset(meant)))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"{path.name}, line {number}: {error!r}") from error
    return messages
