"""Small questions on top of a screen. Each gives a text, or None if the agent cancels."""

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from agent_cli.render import line

_ESCAPE: list[BindingType] = [Binding("escape", "cancel", "Cancel")]


class Question(ModalScreen[str | None]):
    """Asks for one line."""

    BINDINGS: ClassVar[list[BindingType]] = _ESCAPE

    def __init__(self, title: str, *, hint: str = "", initial: str = "") -> None:
        super().__init__()
        self._title, self._hint, self._initial = title, hint, initial

    def compose(self) -> ComposeResult:
        """Make the box."""
        with Vertical(id="box"):
            yield Static(line(self._title), classes="title")
            yield Input(value=self._initial, placeholder=self._hint)
            yield Static(Text("Enter accepts, Esc cancels"), classes="help")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Give what was typed."""
        self.dismiss(event.value.strip() or None)

    def action_cancel(self) -> None:
        """Give nothing."""
        self.dismiss(None)


class Choice(ModalScreen[str | None]):
    """Asks for one of several options, each with an id and a text."""

    BINDINGS: ClassVar[list[BindingType]] = _ESCAPE

    def __init__(self, title: str, options: Sequence[tuple[str, Text]]) -> None:
        super().__init__()
        self._title, self._options = title, options

    def compose(self) -> ComposeResult:
        """Make the box."""
        with Vertical(id="box"):
            yield Static(line(self._title), classes="title")
            yield OptionList(*(Option(text, id=name) for name, text in self._options))
            yield Static(Text("Enter chooses, Esc cancels"), classes="help")

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Give the chosen one's id."""
        self.dismiss(event.option.id)

    def action_cancel(self) -> None:
        """Give nothing."""
        self.dismiss(None)


class Keys(ModalScreen[None]):
    """Shows what the keys do, until the next key."""

    def __init__(self, keys: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._keys = keys

    def compose(self) -> ComposeResult:
        """Make the box."""
        with Vertical(id="box"):
            yield Static(Text("Keys"), classes="title")
            for key, what in self._keys:
                yield Static(Text(f"{key:>8}  {what}"))
            yield Static(Text("any key goes back"), classes="help")

    def on_key(self) -> None:
        """Go back."""
        self.dismiss(None)
