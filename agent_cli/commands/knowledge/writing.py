"""Writing an article in the agent's editor; the text is kept until it is stored."""

from pathlib import Path

import click
from helpdesk.knowledge import Amendment, InvalidArticleError

from agent_cli import output
from agent_cli.verbs import NeedsInputError, Terminal


def edited(at: Terminal, intent: str, text: str, *, version: int) -> Amendment | None:
    """Return what the agent wrote in the editor, or None if nothing was written.

    If the article is not valid, the agent may edit it again. Raises InvalidArticleError if the
    agent does not, and NeedsInputError without a terminal.
    """
    from agent_cli import articles

    if not at.can_ask:
        raise NeedsInputError("there is no terminal to edit on: give --file")
    path = kept(at, intent)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and click.confirm(f"Continue the edit kept in {path}?", err=True):
        text = path.read_text()
    while True:
        written = click.edit(text, extension=".yaml")
        if written is None or not written.strip():
            return None
        path.write_text(written)
        try:
            amendment = articles.from_yaml(written, version=version)
        except InvalidArticleError as error:
            output.tell(f"{error}; what you wrote is kept in {path}")
            if not click.confirm("Edit it again?", err=True):
                raise
            text = written
        else:
            path.unlink()
            return amendment


def kept(at: Terminal, intent: str) -> Path:
    """Return where an edit of an article is kept until it is stored."""
    name = "".join(c for c in intent if c.isalnum() or c == "_")
    return at.settings.state / "articles" / f"{name}.yaml"
