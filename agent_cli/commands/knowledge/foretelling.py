"""What a lead sees before an edited article is stored."""

from dataclasses import replace

import click
from helpdesk.knowledge import Amendment, Golden

from agent_cli import foretelling, output
from agent_cli.verbs import Terminal


def tried(at: Terminal, amendment: Amendment) -> Amendment:
    """Show what the gate will say to a change; return it with the golden cases it takes over.

    Messages that are not for the desk now, and that the model would take for this article, get its
    intent if the lead wants it. If the trainer cannot be asked, that is told, and nothing more.
    Raises NotAllowedError for an agent who is not a lead.
    """
    output.tell("the trainer tries it; this takes up to a minute …")
    found = foretelling.trial(at.desk, amendment)
    for line in found.lines:
        output.tell_plainly(line)
    if not found.taken:
        return amendment
    intent = amendment.article.intent
    output.tell_plainly(f"golden cases for people that the new model takes for {intent}:")
    for text in found.taken:
        output.tell_plainly(f"  {text!r}")
    if not _agreed(at, f"Change the label of these {len(found.taken)} to {intent}?"):
        return amendment
    return replace(
        amendment, golden=(*amendment.golden, *(Golden(each, (intent,)) for each in found.taken))
    )


def _agreed(at: Terminal, question: str) -> bool:
    """Ask a question that a script answers with no."""
    if not at.can_ask:
        output.tell(f"{question} No: there is no terminal to ask on")
        return False
    return click.confirm(question, err=True)
