"""Verbs that change one article: add, edit, remove, rollback."""

from dataclasses import replace
from pathlib import Path

import click
from helpdesk.knowledge import Amendment, InvalidArticleError

from agent_cli import foretelling, output
from agent_cli.commands.knowledge.foretelling import tried
from agent_cli.commands.knowledge.one_article import intent_argument, tell_revision, yes_option
from agent_cli.commands.knowledge.writing import edited
from agent_cli.verbs import Terminal, Verb
from agent_cli.words import changes

trial_option = click.option(
    "--trial/--no-trial", default=True, help="Have the trainer try it first.  [default: trial]"
)


@click.command(cls=Verb)
@intent_argument
@click.option(
    "--file", type=click.Path(path_type=Path, exists=True), help="The YAML file to read it from."
)
@click.option("--automatic", is_flag=True, help="Send the answer without an agent.")
@click.option("--reason", help="Why no agent is needed; kept with the article.")
@trial_option
@click.pass_obj
def add(
    at: Terminal,
    intent: str,
    *,
    file: Path | None,
    automatic: bool,
    reason: str | None,
    trial: bool,
) -> None:
    """Add an article, from a file or written in your editor.

    Agents answer its questions, with the article as a suggestion, until a lead says --automatic
    here, or `automatic: true` in `knowledge edit`. With `review: true` its answer is a draft, which
    an agent approves (`helpdesk ticket review`).

    The trainer first tries it, and you see what the gate will say. Golden cases that were for
    people, and that the model then takes for this article, become cases of it in the same step if
    you agree. Golden cases of your own stand under `golden` in the file. --no-trial leaves this
    out, and so does --no-input.

    \b
    helpdesk knowledge add gift_wrapping
    helpdesk knowledge add gift_wrapping --file gift_wrapping.yaml
    helpdesk knowledge add gift_wrapping --file gift_wrapping.yaml --automatic --reason "No risk."
    """
    from helpdesk.ports import ConflictError

    from agent_cli import articles

    curator = at.desk.curator
    if at.desk.parts.knowledge.get(intent):
        raise ConflictError(f"the intent {intent!r} has an article already: edit it")
    if file:
        written = articles.from_yaml(file.read_text())
    else:
        in_editor = edited(at, intent, articles.blank(intent), version=0)
        if in_editor is None:
            output.tell("you wrote nothing, so nothing was added")
            return
        written = in_editor
    article = written.article
    if article.intent != intent:
        raise InvalidArticleError(f"the article is for {article.intent!r}, not {intent!r}")
    if reason:
        article = replace(article, automatic_reason=reason)
    if article.automatic and not automatic:
        output.tell("not automatic until a lead says so with --automatic or `edit`")
    amendment = replace(written, article=replace(article, automatic=automatic))
    curator.check(amendment.article)
    if trial and not at.no_input:
        for line in foretelling.outlook(at.desk, None, amendment.article):
            output.tell_plainly(line)
        amendment = tried(at, amendment)
    added = curator.add(amendment.article, automatic=automatic, golden=amendment.golden)
    at.edits.drop(intent)
    tell_revision(at, added)


@click.command(cls=Verb)
@intent_argument
@click.option(
    "--file", type=click.Path(path_type=Path, exists=True), help="The YAML file to read it from."
)
@trial_option
@yes_option
@click.pass_obj
def edit(at: Terminal, intent: str, *, file: Path | None, trial: bool, yes: bool) -> None:
    """Edit an article in your editor. You see the change before it is stored.

    You also see what the edit does to other articles and to golden cases, what `lint` would find,
    and what the gate will say: the trainer tries the edit. --no-trial leaves this out, and so does
    --no-input. Golden cases of your own stand under `golden` in the file.

    \b
    helpdesk knowledge edit get_refund
    helpdesk knowledge edit get_refund --file get_refund.yaml --yes
    """
    from agent_cli import articles

    curator = at.desk.curator
    before = curator.get(intent)
    old = articles.as_yaml(before)
    written = None
    if file:
        amendment = articles.from_yaml(
            file.read_text(), version=before.version, automatic=before.automatic
        )
    else:
        written = edited(at, intent, old, version=before.version)
        amendment = written or Amendment(article=before)
    after = amendment.article
    if after.intent != intent:
        raise InvalidArticleError(
            "the intent of an article cannot change: add a new article, and remove this one"
        )
    if after == before and not amendment.golden:
        if written:
            at.edits.drop(intent)
        output.tell("nothing changed")
        if at.option("output") != "table":
            click.echo("null")
        return
    for line in changes.unified(old, articles.as_yaml(after)):
        output.tell_plainly(line)
    curator.check(after)
    if trial and not at.no_input:
        for line in foretelling.outlook(at.desk, before, after):
            output.tell_plainly(line)
        amendment = tried(at, amendment)
    at.confirm(f"Store this as the new version of {intent}?", yes=yes)
    revision = curator.edit(after, golden=amendment.golden)
    at.edits.drop(intent)
    if revision:
        tell_revision(at, revision)


@click.command(cls=Verb)
@intent_argument
@click.option(
    "--forget", is_flag=True, help="Forget its questions too, instead of giving them to agents."
)
@yes_option
@click.pass_obj
def remove(at: Terminal, intent: str, forget: bool, yes: bool) -> None:
    """Remove an article. Its versions are kept, and you can roll back to them.

    The desk still knows the questions of a removed article, and gives them to agents. With --forget
    it does not: such a question may then be answered with the article that is most like it. You
    can forget an intent also after its article was removed.

    \b
    helpdesk knowledge remove gift_wrapping
    helpdesk knowledge remove gift_wrapping --forget
    """
    curator = at.desk.curator
    retired = {each.intent for each in at.desk.parts.knowledge.retired()}
    if not (forget and intent in retired):
        curator.get(intent)
    then = "The desk forgets its questions." if forget else "Agents then get such questions."
    at.confirm(f"Remove the article for {intent}? {then}", yes=yes)
    tell_revision(at, curator.remove(intent, forget=forget))


@click.command(cls=Verb)
@intent_argument
@click.option(
    "--to", "version", type=int, help="Go back to this version; otherwise to the one before."
)
@yes_option
@click.pass_obj
def rollback(at: Terminal, intent: str, version: int | None, yes: bool) -> None:
    """Make an earlier version of an article the present one again, as a new version.

    \b
    helpdesk knowledge rollback get_refund
    helpdesk knowledge rollback get_refund --to 3
    """
    where = f"version {version}" if version is not None else "the version before"
    at.confirm(f"Roll {intent} back to {where}?", yes=yes)
    tell_revision(at, at.desk.curator.roll_back(intent, version))
