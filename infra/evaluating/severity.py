"""How serious the desk finds labelled messages: level, marks and matter, as of a ticket.

python -m infra.evaluating.severity [--wrong] [--set NAME]    # plays the sets of tests/golden

A line of a set is `{"text", "level", "legal", "compensation", "category", "kind"}`. The category is
a matter of the tables or a category of the articles. The desk must be able to say every label: a
set with another one is refused.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from helpdesk import severity, ticket
from helpdesk.considering import considered
from helpdesk.knowledge import Article
from helpdesk.ports import Understander
from helpdesk.severity import HIGHEST, Severity
from helpdesk.ticket import Customer, Ticket
from helpdesk.triage import Policy

from infra.evaluating.reading import Figure
from infra.teaching import knowledge_files
from infra.teaching.seed import GOLDEN
from infra.teaching.teacher import default_teacher

SETS = ("severity_dev.jsonl", "severity_held.jsonl", "severity.jsonl", "severity_second.jsonl")
NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Labelled:
    """A message, with how serious it is by the hand that labelled it."""

    text: str
    level: int
    legal: bool
    compensation: bool
    category: str
    kind: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A labelled message, and what the desk made of it."""

    label: Labelled
    found: Severity
    category: str | None

    @property
    def level_is_right(self) -> bool:
        """Tell whether the level is that of the label."""
        return self.found.level == self.label.level

    @property
    def category_is_right(self) -> bool:
        """Tell whether the matter or, if the label is one, the article's category is right."""
        said = self.label.category
        if said in severity.shipped().matters:
            return self.found.matter == said
        return self.category is not None and self.category.casefold() == said.casefold()


type Judge = Callable[[str], Ticket]
"""Returns the ticket that a text becomes."""


def judge(understander: Understander, articles: Iterable[Article]) -> Judge:
    """Return what becomes of a text at a desk with these articles, as doors and worker do it."""
    known = {article.intent: article for article in articles}

    def becomes(text: str) -> Ticket:
        submitted = ticket.submit(
            ticket_id="0" * 16,
            text=text,
            customer=Customer(),
            channel="web",
            token_hash="",
            now=NOW,
            token_life=timedelta(days=1),
            retention=timedelta(days=1),
        ).after
        understanding, decision = considered(
            text, articles=known.get, understander=understander, policy=Policy()
        )
        return ticket.settle(submitted, understanding, decision, now=NOW, said=text).after

    return becomes


def read(path: Path, categories: Iterable[str]) -> list[Labelled]:
    """Return the messages of a set.

    Raises ValueError naming a line that is none, or whose label the desk cannot give.
    """
    known = {each.casefold() for each in (*categories, *severity.shipped().matters)}
    messages = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        try:
            message = Labelled(**json.loads(line))
        except (ValueError, TypeError) as error:
            raise ValueError(f"{path.name}, line {number}: {error}") from error
        if not 0 <= message.level <= HIGHEST or message.category.casefold() not in known:
            raise ValueError(
                f"{path.name}, line {number}: no ticket has level {message.level} and category "
                f"{message.category!r}"
            )
        messages.append(message)
    return messages


def judged(becomes: Judge, messages: Iterable[Labelled]) -> list[Judged]:
    """Return what the desk makes of labelled messages."""
    made = []
    for label in messages:
        after = becomes(label.text)
        found = after.severity or severity.estimated(
            None, ticket.about(after, label.text), severity.shipped()
        )
        made.append(Judged(label, found, after.category))
    return made


def figures(made: Sequence[Judged]) -> list[Figure]:
    """Return the shares of labels that the desk gave. Raises ValueError without messages."""
    grave = [each for each in made if each.label.level == HIGHEST]
    others = [each for each in made if each.label.level < HIGHEST]
    kinds = sorted({each.label.kind for each in made})
    parts = {kind: [each for each in made if each.label.kind == kind] for kind in kinds}
    return [
        Figure.of("level right", [each.level_is_right for each in made]),
        Figure.of("level 3 found", [each.found.level == HIGHEST for each in grave]),
        Figure.of("level 3 where it is none", [each.found.level == HIGHEST for each in others]),
        Figure.of("legal right", [each.found.legal == each.label.legal for each in made]),
        Figure.of(
            "compensation right",
            [each.found.compensation == each.label.compensation for each in made],
        ),
        Figure.of("category right", [each.category_is_right for each in made]),
        *(
            Figure.of(f"level right, {kind}", [each.level_is_right for each in part])
            for kind, part in parts.items()
        ),
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Play the sets from the command line; return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--wrong", action="store_true", help="name the messages that are wrong")
    parser.add_argument("--set", action="append", choices=SETS, help="play this set alone")
    options = parser.parse_args(arguments)
    articles, teacher = knowledge_files.read(), default_teacher()
    taught = teacher.fit({article.intent: article.utterances for article in articles})
    becomes = judge(teacher.understander(taught.data), articles)
    try:
        for path in filter(Path.exists, map(GOLDEN.with_name, options.set or SETS)):
            made = judged(becomes, read(path, {each.category for each in articles}))
            print(f"\n{path.name}")
            print("\n".join(f"  {figure}" for figure in figures(made)))
            for each in made if options.wrong else ():
                if not (each.level_is_right and each.category_is_right):
                    print(f"  {each.label.level} {each.label.category}: {each.label.text[:90]}")
                    print(f"    {each.found.explained}; {each.found.matter}, {each.category}")
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
