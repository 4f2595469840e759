"""Plain English: words that a reader with another first language must read twice are not used."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PLACES = ("docs", "layers", "agent_cli", "functions", "infra", "README.md", "template.yaml")
PLACES += ("Makefile", "pyproject.toml", ".github")
KINDS = {".md", ".py", ".yaml", ".yml", ".toml", ".sh", ".txt", ".json", ".svg"}
MADE = {"build", "node_modules"}
CUSTOMERS_WORDS = (
    "infra/knowledge",
    "layers/core/python/helpdesk/cases/phrases.toml",
    "layers/core/python/helpdesk/severity/tables.toml",
    "layers/core/python/helpdesk/speaking/phrases.toml",
    "layers/core/python/helpdesk/understanding/contrasts.tsv",
    "layers/core/python/helpdesk/understanding/everyday.txt",
    "layers/core/python/helpdesk/understanding/strangers.txt",
    "layers/core/python/helpdesk/wording/phrases.toml",
)
"""Utterances and phrases are what customers write, and they write as they like."""

WORDS = re.compile(
    r"\b(?:whoever|whomever|whosoever|whatsoever|whatever|wherever"
    r"|nobody|somebody|everybody|anew|afresh|besides|whilst|albeit|thereof|hereby|lest"
    r"|is no lead|for want of|to be had|what waits)\b",
    re.IGNORECASE,
)
"""Name the actor instead (agents, callers, the worker, no one), and say what it does."""

QUOTED = {
    ("docs/understanding.md", 'irony or "nobody answers my messages"'),
}
"""What customers write, quoted in a text or matched by a pattern."""


def texts() -> Iterator[tuple[str, str]]:
    """Yield the path and the text of every file that people read, without quoted customers."""
    for place in PLACES:
        start = ROOT / place
        for path in sorted(start.rglob("*")) if start.is_dir() else [start]:
            name = path.relative_to(ROOT).as_posix()
            inner = path.relative_to(start).parts
            made = MADE & set(inner) or any(part.startswith(".") for part in inner)
            read = path == start or path.suffix in KINDS
            if path.is_file() and read and not made and not name.startswith(CUSTOMERS_WORDS):
                text = path.read_text()
                for file, quote in QUOTED:
                    text = text.replace(quote, "") if file == name else text
                yield name, text


def test_no_file_uses_a_word_that_names_no_actor() -> None:
    found = [
        f"{name}:{text.count('\n', 0, match.start()) + 1}: {match[0]}"
        for name, text in texts()
        for match in WORDS.finditer(text.replace("&#160;", " "))
    ]

    assert not found, "\n".join(found)


def test_every_place_is_read() -> None:
    names = {name for name, _ in texts()}

    for place in PLACES:
        assert any(name == place or name.startswith(f"{place}/") for name in names), place


@pytest.mark.parametrize("quoted", sorted(QUOTED))
def test_every_exception_is_needed(quoted: tuple[str, str]) -> None:
    file, quote = quoted

    assert quote in (ROOT / file).read_text()
    assert WORDS.search(quote)


@pytest.mark.parametrize(
    "text", ["Whoever receives it drops it.", "ada is no lead", "It tells nobody.", "made anew"]
)
def test_a_word_is_noticed(text: str) -> None:
    assert WORDS.search(text)
