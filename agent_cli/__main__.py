"""`python -m agent_cli`."""

from agent_cli.cli import main

main(prog_name="helpdesk")
