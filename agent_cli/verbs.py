"""The shared parts of all verbs: options that may stand anywhere, and faults in one line."""

import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import click
from helpdesk.settings import TerminalSettings

if TYPE_CHECKING:
    from agent_cli.desk import Desk
    from agent_cli.drafts import Drafts
    from agent_cli.seen import Seen
    from agent_cli.session import Session

DEFAULTS = {"stack_name": "helpdesk", "output": "table", "bell": "off", "undo": "5s"}
CONFIGURABLE = ("stack_name", "profile", "region", "endpoint_url", "output", "bell", "undo")

_SHARED = (
    (
        ["-o", "--output"],
        {
            "type": click.Choice(["table", "json", "jsonl"]),
            "help": "How data is printed. Messages for you go to stderr.  [default: table]",
        },
    ),
    (
        ["--stack-name"],
        {"envvar": "HELPDESK_STACK", "help": "The desk's stack.  [default: helpdesk]"},
    ),
    (["--profile"], {"help": "AWS profile to use."}),
    (["--region"], {"help": "AWS region of the stack."}),
    (["--endpoint-url"], {"help": "Another AWS endpoint, such as an emulator's."}),
    (
        ["--agent"],
        {"envvar": "HELPDESK_AGENT", "help": "Your name; on emulators only."},
    ),
    (
        ["--no-input"],
        {"is_flag": True, "default": None, "help": "Never ask, never open an editor."},
    ),
)


class NeedsInputError(click.UsageError):
    """The command would have to ask a question, but it may not ask."""


@dataclass
class Terminal:
    """The options of this call, and the stack that they name. Looks up nothing before its use."""

    options: dict[str, Any]

    def override(self, options: dict[str, Any]) -> None:
        """Let options after the verb replace the same options before it."""
        self.options |= {name: value for name, value in options.items() if value is not None}

    @cached_property
    def settings(self) -> TerminalSettings:
        """Where things are kept on this machine."""
        return TerminalSettings.from_env()

    @cached_property
    def configured(self) -> dict[str, str]:
        """The agent's own defaults. Raises click.ClickException for a file that is not TOML."""
        return read_config(self.settings.config)

    def option(self, name: str) -> Any:
        """Return an option: as given, as configured, or its default."""
        given = self.options.get(name)
        return given if given is not None else self.configured.get(name, DEFAULTS.get(name))

    @property
    def no_input(self) -> bool:
        """Whether the agent chose `--no-input`."""
        return bool(self.options.get("no_input"))

    @property
    def can_ask(self) -> bool:
        """Whether there is a terminal on which the agent may be asked."""
        return not self.no_input and sys.stdin.isatty()

    @cached_property
    def session(self) -> "Session":
        """Where the stack is, and who the agent is."""
        from agent_cli.known_stacks import KnownStacks
        from agent_cli.session import Session

        names = ("stack_name", "profile", "region", "endpoint_url")
        return Session(
            **{name: self.option(name) for name in names},
            named=self.option("agent"),
            known=KnownStacks(self.settings.state / "stacks"),
        )

    @property
    def desk(self) -> "Desk":
        """The desk of the calling thread."""
        return self.session.desk

    @cached_property
    def drafts(self) -> "Drafts":
        """The agent's replies to this stack's tickets that were not sent yet."""
        from agent_cli.drafts import Drafts

        folder = self.settings.state / "drafts" / str(self.option("stack_name"))
        return Drafts(folder, agent=self.option("agent"))

    @cached_property
    def seen(self) -> "Seen":
        """Which messages of this stack's tickets the agent has seen."""
        from agent_cli.seen import Seen

        named = quote(str(self.option("agent") or ""), safe="")
        folder = self.settings.state / "seen" / str(self.option("stack_name"))
        return Seen(folder / f"messages{named and f'-{named}'}.json")

    @property
    def undo(self) -> timedelta:
        """How long replies wait, as configured. Raises click.UsageError for what is no time."""
        from agent_cli.fields import undo_of

        try:
            return undo_of(str(self.option("undo")))
        except ValueError as error:
            raise click.UsageError(f"undo in {self.settings.config}: {error}") from error

    @property
    def where(self) -> str:
        """Which AWS is called, for people to read: its address or its region."""
        return str(self.option("endpoint_url") or self.option("region") or "AWS")

    def confirm(self, question: str, *, yes: bool) -> None:
        """Go on only if the agent agrees, or gave `--yes`. Raises click.Abort otherwise."""
        if yes:
            return
        if not self.can_ask:
            raise NeedsInputError(f"{question} There is no terminal to ask on: add --yes to agree.")
        click.confirm(question, abort=True, err=True)


def read_config(path: Path) -> dict[str, str]:
    """Return the configured defaults. Raises click.ClickException for a file that is not TOML."""
    try:
        found = tomllib.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{path} is not valid TOML: {error}") from error
    return {name: str(value) for name, value in found.items() if name in CONFIGURABLE}


def shared_options[F: Callable[..., Any]](function: F) -> F:
    """Give a command the options that may stand anywhere."""
    for names, attributes in reversed(_SHARED):
        function = click.option(*names, **attributes)(function)
    return function


class Verb(click.Command):
    """A command that also takes the shared options, and tells a fault in one line."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for names, attributes in _SHARED:
            hidden = "--output" not in names
            self.params.append(click.Option(names, **{**attributes, "hidden": hidden}))  # type: ignore[arg-type]

    def invoke(self, ctx: click.Context) -> Any:
        """Run the verb; turn an expected error into one line on stderr and an exit code."""
        names = [names[-1].removeprefix("--").replace("-", "_") for names, _ in _SHARED]
        terminal = ctx.ensure_object(Terminal) if ctx.obj else None
        if terminal is None:
            raise RuntimeError("a verb needs its terminal")
        terminal.override({name: ctx.params.pop(name) for name in names})
        try:
            return super().invoke(ctx)
        except (click.exceptions.Exit, click.Abort, click.ClickException, KeyboardInterrupt):
            raise
        except Exception as error:
            from agent_cli.words.faults import explained

            terminal.session.learn_from(error)
            fault = explained(error, terminal.where)
            if fault is None:
                raise
            click.echo(f"helpdesk: {fault.text}", err=True)
            ctx.exit(fault.code)


class Noun(click.Group):
    """A group of verbs."""

    command_class = Verb
