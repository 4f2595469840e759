"""`helpdesk knowledge document`: texts of the desk that are no articles, for drafts to quote."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from agent_cli import output
from agent_cli.commands.knowledge.exchanging import dry_run_option
from agent_cli.commands.knowledge.one_article import yes_option
from agent_cli.verbs import Noun, Terminal

if TYPE_CHECKING:
    from helpdesk.evidence import Passage

    from agent_cli.words.documents import DocumentImportView

name_argument = click.argument("name")

SHOWN = 10
"""Texts that were left out, told to people; scripts get all."""


@click.group("document", cls=Noun)
def command() -> None:
    """The documents that drafts may quote: handbooks, terms, lists of products.

    No document is sent to customers by itself. An agent sees a quoted sentence in a draft, and
    where it is from.

    \b
    helpdesk knowledge document import handbook.md prices.csv
    helpdesk knowledge document list
    """


@command.command("import")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False)
)
@click.option("--name", help="What to call it; otherwise what the file is called.")
@dry_run_option
@yes_option
@click.pass_obj
def import_(
    at: Terminal, files: tuple[Path, ...], name: str | None, *, dry_run: bool, yes: bool
) -> None:
    """Import documents from Markdown, text, HTML, CSV or PDF. Only leads may do this.

    A document of the same name is replaced; every import is recorded. Sentences that hold a
    placeholder, such as {{name}} or [date], are left out and listed. Of a table with a column
    named answer, response, reply, text, content or fact, that column is quoted. The stack reads
    PDF files.

    \b
    helpdesk knowledge document import handbook.md --dry-run
    helpdesk knowledge document import terms-2026.pdf --name terms
    """
    from agent_cli import documents, render
    from agent_cli.words.documents import DocumentImportView

    if name and len(files) > 1:
        raise click.UsageError("--name is for one file")
    librarian = at.desk.librarian
    plans = [
        librarian.plan(documents.read(file, at.desk.extract), file=file.name, name=name)
        for file in files
    ]
    names = [each.document.name for each in plans]
    if twice := sorted({each for each in names if names.count(each) > 1}):
        raise click.UsageError(f"two files have one name, {twice[0]}: import them one by one")
    for plan in plans:
        for each in plan.left_out[:SHOWN]:
            output.tell(f"left out of {plan.document.name}, because {each.why}: {each.text[:200]}")
        if len(plan.left_out) > SHOWN:
            output.tell(f"and {len(plan.left_out) - SHOWN} more; -o json lists all")
    if not dry_run and (new := [each.document.name for each in plans if each.changes]):
        at.confirm(f"Import {', '.join(new)}?", yes=yes)
        for plan in plans:
            librarian.carry_out(plan)
    views = [DocumentImportView.of(each, done=not dry_run) for each in plans]
    columns: list[render.Column[DocumentImportView]] = [
        ("document", lambda row: row.document.name),
        ("title", lambda row: row.document.title),
        ("passages", lambda row: str(row.document.passages)),
        ("left out", lambda row: str(len(row.left_out))),
        ("version", lambda row: str(row.document.version)),
        ("", _done),
    ]
    output.show(at, views, lambda: render.table(views, columns, flexible="title"))


@command.command("list")
@click.pass_obj
def list_(at: Terminal) -> None:
    """List the documents.

    \b
    helpdesk knowledge document list
    """
    from agent_cli import render
    from agent_cli.words.documents import DocumentView
    from agent_cli.words.times import minute

    found = [DocumentView.of(each) for each in at.desk.parts.documents.documents()]
    columns: list[render.Column[DocumentView]] = [
        ("document", lambda row: row.name),
        ("title", lambda row: row.title),
        ("passages", lambda row: str(row.passages)),
        ("version", lambda row: str(row.version)),
        ("at", lambda row: minute(row.at)),
        ("by", lambda row: row.by),
    ]
    output.listed(
        at,
        found,
        lambda: render.table(found, columns, flexible="title"),
        one="document",
        more="documents",
    )


@command.command()
@name_argument
@click.pass_obj
def show(at: Terminal, name: str) -> None:
    """Show the passages of a document, and who imported it when.

    \b
    helpdesk knowledge document show handbook
    """
    from helpdesk.evidence.passages import of_document

    from agent_cli import render
    from agent_cli.words.documents import DocumentView, PiecesView
    from agent_cli.words.times import minute

    shelf = at.desk.parts.documents
    document = at.desk.librarian.get(name)
    passages = tuple(of_document(document, shelf.pieces(document)))
    imports = shelf.imports(name)
    view = PiecesView(document=DocumentView.of(document), passages=passages, imports=imports)
    columns: list[render.Column[Passage]] = [
        ("about", lambda row: row.title),
        ("text", lambda row: row.text),
    ]
    output.show(at, view, lambda: render.table(passages, columns, wrap="text"))
    if at.option("output") == "table":
        for each in imports:
            what = "forgotten" if each.forgotten else f"{each.file}, {each.pieces} passages"
            output.tell_plainly(f"version {each.version}: {what}, {each.by}, {minute(each.at)}")


@command.command()
@name_argument
@yes_option
@click.pass_obj
def forget(at: Terminal, name: str, yes: bool) -> None:
    """Delete a document. No draft quotes it from then on. Only leads may do this.

    Who imported it, and who forgot it, stays on record.

    \b
    helpdesk knowledge document forget handbook
    """
    from agent_cli.words.documents import DocumentView

    librarian = at.desk.librarian
    document = librarian.get(name)
    at.confirm(f"Forget the document {name}, version {document.version}?", yes=yes)
    output.done(at, DocumentView.of(librarian.forget(name)), f"forgot {name}")


def _done(row: "DocumentImportView") -> str:
    if not row.changed:
        return "unchanged"
    return "imported" if row.done else "would be imported"
