"""`python -m agent_cli`."""

from agent_cli.cli import run

run()
