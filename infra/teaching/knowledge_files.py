"""The reviewed knowledge files in `infra/knowledge/`: reading and checking them."""

import hashlib
from pathlib import Path

import yaml
from helpdesk.knowledge import Article, check_articles
from pydantic import TypeAdapter, ValidationError

from infra.paths import ROOT

FOLDER = ROOT / "infra" / "knowledge"

_ARTICLES = TypeAdapter(tuple[Article, ...])


class KnowledgeFileError(ValueError):
    """A file that is not a list of articles; the message names the file and the fault."""


def read(folder: Path = FOLDER) -> tuple[Article, ...]:
    """Return every article of every file. Raises KnowledgeFileError or InvalidArticleError."""
    articles: list[Article] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            articles += _ARTICLES.validate_python(yaml.safe_load(path.read_text()))
        except (yaml.YAMLError, ValidationError) as error:
            raise KnowledgeFileError(f"{path.name}: {error}") from error
    check_articles(tuple(articles))
    return tuple(articles)


def digest(folder: Path = FOLDER) -> str:
    """Return a digest of all files: equal digests, equal knowledge."""
    found = hashlib.sha256()
    for path in sorted(folder.glob("*.yaml")):
        found.update(path.read_bytes())
    return found.hexdigest()
