"""Where an agent types: fields that keep every character, joiners and direction marks included."""

import unicodedata

from rich.text import Text
from textual import events
from textual.widgets import Input, TextArea

from agent_cli.words.harmless import is_harmless

_HIDDEN = "\u200c"
"""Stands for a character that would steer the terminal; like that character it takes no room."""


class Writing(TextArea):
    """The text of a reply. What would steer the terminal is in the text but not on the screen."""

    def on_key(self, event: events.Key) -> None:
        """Take characters that have no picture, which Textual takes for keys without one."""
        if not self.read_only and (character := pictureless(event)):
            event.stop()
            event.prevent_default()
            self.type(character)

    def type(self, text: str) -> None:
        """Put text where the cursor is, as keys do."""
        self.replace(text, *self.selection, maintain_selection_offset=False)

    def get_line(self, line_index: int) -> Text:
        """Return a line as it may be shown: as long as it is, and harmless."""
        line = self.document.get_line(line_index)
        shown = (c if is_harmless(c) else _HIDDEN for c in line)
        return Text("".join(shown), end="", no_wrap=True)


class Line(Input):
    """One line."""

    def on_key(self, event: events.Key) -> None:
        """Take characters that have no picture, which Textual takes for keys without one."""
        if character := pictureless(event):
            event.stop()
            event.prevent_default()
            self.insert_text_at_cursor(character)


def pictureless(event: events.Key) -> str | None:
    """Return the character of a key if it belongs to a text although it has no picture.

    Control characters belong to keys such as Enter and Escape, not to a text.
    """
    character = event.character
    if character and not event.is_printable and unicodedata.category(character[0]) != "Cc":
        return character
    return None


def typed(event: events.Key) -> str | None:
    """Return what a key adds to a text, or None for a key that does something else."""
    return event.character if event.is_printable else pictureless(event)
