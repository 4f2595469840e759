"""Small questions on top of a screen. Each gives a text, or None if the agent cancels."""

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from agent_cli.inbox.writing import Line, typed
from agent_cli.render import line

_CHOOSE = "Enter chooses, Esc cancels"
_ESCAPE: list[BindingType] = [Binding("escape", "cancel", "Cancel")]


class Question(ModalScreen[str | None]):
    """Asks for one line. The first key replaces the line `initial`; it only adds to `kept`.

    `accepts` is what Enter does.
    """

    BINDINGS: ClassVar[list[BindingType]] = _ESCAPE

    def __init__(
        self,
        title: str,
        *,
        hint: str = "",
        initial: str = "",
        kept: str | None = None,
        accepts: str = "accepts",
    ) -> None:
        super().__init__()
        self._accepts = accepts
        self._title, self._hint, self._initial, self._kept = title, hint, initial, kept

    def compose(self) -> ComposeResult:
        """Make the box."""
        with Vertical(id="box"):
            yield Static(line(self._title), classes="title")
            value = self._initial if self._kept is None else self._kept
            yield Line(value=value, placeholder=self._hint, select_on_focus=False)
            yield Static(Text(f"Enter {self._accepts}, Esc cancels"), classes="help")

    def on_mount(self) -> None:
        """Let the agent type at once."""
        asked = self.query_one(Line)
        self.set_focus(asked)
        if self._kept is None:
            asked.select_all()

    def on_key(self, event: events.Key) -> None:
        """Let keys that write go to the line, also if the focus is elsewhere."""
        if text := typed(event):
            event.stop()
            event.prevent_default()
            self.set_focus(self.query_one(Line))
            self.query_one(Line).insert_text_at_cursor(text)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Give what was typed."""
        self.dismiss(event.value.strip() or None)

    def action_cancel(self) -> None:
        """Give nothing."""
        self.dismiss(None)


class Choice(ModalScreen[str | None]):
    """Asks for one of several options, each with an id and a text.

    It is there at once; options that are None are still to come, by `offer` or `fail`.
    """

    BINDINGS: ClassVar[list[BindingType]] = _ESCAPE

    def __init__(self, title: str, options: Sequence[tuple[str, Text]] | None) -> None:
        super().__init__()
        self._title, self._options = title, options

    def compose(self) -> ComposeResult:
        """Make the box."""
        with Vertical(id="box"):
            yield Static(line(self._title), classes="title")
            yield OptionList(*_options(self._options or ()))
            told = "loading …" if self._options is None else _CHOOSE
            yield Static(Text(told), classes="help", id="told")

    def offer(self, options: Sequence[tuple[str, Text]]) -> None:
        """Show the options that were still to come."""
        if self.is_attached:
            self.query_one(OptionList).add_options(_options(options))
            self.query_one(OptionList).action_first()
            self.query_one("#told", Static).update(Text(_CHOOSE))

    def fail(self, why: str) -> None:
        """Say why there are no options."""
        if self.is_attached:
            self.query_one("#told", Static).update(line(f"{why} · Esc goes back"))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Give the chosen one's id."""
        self.dismiss(event.option.id)

    def action_cancel(self) -> None:
        """Give nothing."""
        self.dismiss(None)


def _options(options: Sequence[tuple[str, Text]]) -> list[Option]:
    return [Option(text, id=name) for name, text in options]


class Keys(ModalScreen[None]):
    """Shows what the keys do, until the next key, which does nothing else."""

    def __init__(self, keys: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._keys = keys

    def compose(self) -> ComposeResult:
        """Make the box."""
        with Vertical(id="box") as box:
            # On the frame, for 24 lines hold the keys and nothing else.
            box.border_title, box.border_subtitle = "Keys", "any key goes back"
            for key, what in self._keys:
                yield Static(Text(f"{key:>5}  {what}"), classes="key")

    def on_key(self, event: events.Key) -> None:
        """Go back, once: a second key may come before the page is gone."""
        event.stop()
        event.prevent_default()
        if self.is_current:
            self.dismiss(None)

    def on_click(self) -> None:
        """Go back."""
        self.dismiss(None)
