"""What the agents' terminal reads of the environment."""

from dataclasses import dataclass
from pathlib import Path

from helpdesk.settings.environment import FromEnvironment


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminalSettings(FromEnvironment):
    """Where the agents' terminal keeps things, by the XDG base directory specification."""

    xdg_state_home: Path = Path("~/.local/state")
    xdg_config_home: Path = Path("~/.config")

    @property
    def state(self) -> Path:
        """The folder for unsent text."""
        return self.xdg_state_home.expanduser() / "helpdesk"

    @property
    def config(self) -> Path:
        """The file with the agent's own defaults."""
        return self.xdg_config_home.expanduser() / "helpdesk" / "config.toml"
