"""Writing an article in the agent's editor; the text is kept until it is stored."""

import click
from helpdesk.knowledge import Amendment, InvalidArticleError

from agent_cli import output
from agent_cli.verbs import NeedsInputError, Terminal


def edited(at: Terminal, intent: str, text: str, *, version: int) -> Amendment | None:
    """Return what the agent wrote in the editor, or None if nothing was written.

    It is kept until `at.edits` drops it. If the article is not valid, the agent may edit it again.
    Raises InvalidArticleError if the agent does not, and NeedsInputError without a terminal.
    """
    from agent_cli import articles

    if not at.can_ask:
        raise NeedsInputError("there is no terminal to edit on: give --file")
    path = at.edits.path(intent)
    before = at.edits.read(intent)
    if before and click.confirm(f"Continue the edit kept in {path}?", err=True):
        text = before.text
    while True:
        written = click.edit(text, extension=".yaml")
        if written is None or not written.strip():
            return None
        at.edits.keep(intent, written, version=version)
        try:
            return articles.from_yaml(written, version=version)
        except InvalidArticleError as error:
            output.tell(f"{error}; what you wrote is kept in {path}")
            if not click.confirm("Edit it again?", err=True):
                raise
            text = written
