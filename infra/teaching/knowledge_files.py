"""The reviewed knowledge files in `infra/knowledge/`: reading and checking them."""

import hashlib
from pathlib import Path

import yaml
from helpdesk.knowledge import Article, check_articles, check_facts, check_nested, check_variables
from pydantic import TypeAdapter, ValidationError

from infra.paths import ROOT

FOLDER = ROOT / "infra" / "knowledge"

FACTS = "facts.yaml"
"""The file that holds the desk's facts under `facts`. A folder may do without."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml is ten times as fast
_ARTICLES = TypeAdapter(tuple[Article, ...])
_FACTS = TypeAdapter(dict[str, dict[str, str]])


class KnowledgeFileError(ValueError):
    """A file that is not a list of articles; the message names the file and the fault."""


def read(folder: Path = FOLDER) -> tuple[Article, ...]:
    """Return every article of every file. Raises KnowledgeFileError or InvalidArticleError."""
    articles: list[Article] = []
    for path in sorted(folder.glob("*.yaml")):
        if path.name != FACTS:
            found = _read(path, _ARTICLES)
            articles += found
    check_articles(tuple(articles))
    check_variables(articles, facts(folder))
    return tuple(articles)


def facts(folder: Path = FOLDER) -> dict[str, str]:
    """Return the desk's facts by name. Raises KnowledgeFileError or InvalidFactError."""
    path = folder / FACTS
    if not path.exists():
        return {}
    found = _read(path, _FACTS).get("facts", {})
    check_facts(found)
    check_nested(found)
    return found


def _read[T](path: Path, kind: TypeAdapter[T]) -> T:
    try:
        return kind.validate_python(yaml.load(path.read_text(), _LOADER))  # noqa: S506 -- a safe one
    except (yaml.YAMLError, ValidationError) as error:
        raise KnowledgeFileError(f"{path.name}: {error}") from error


def digest(folder: Path = FOLDER) -> str:
    """Return a digest of all files: equal digests, equal knowledge."""
    found = hashlib.sha256()
    for path in sorted(folder.glob("*.yaml")):
        found.update(path.read_bytes())
    return found.hexdigest()
