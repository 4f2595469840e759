"""The starter's files: articles, and the desk's facts in a file of their own."""

from pathlib import Path

import pytest
from helpdesk.knowledge import InvalidFactError, UndefinedFactError

from infra.teaching import knowledge_files
from infra.teaching.knowledge_files import KnowledgeFileError

ARTICLES = """
- intent: refund
  title: Refund
  answer: Within {period}.
  category: ORDER
  department: orders
  utterances: [refund please]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "orders.yaml").write_text(ARTICLES)
    return tmp_path


def test_facts_are_read_beside_articles(folder: Path) -> None:
    (folder / "facts.yaml").write_text("facts: {period: 30 days}\n")

    assert knowledge_files.facts(folder) == {"period": "30 days"}
    assert [article.intent for article in knowledge_files.read(folder)] == ["refund"]


def test_a_variable_needs_its_fact(folder: Path) -> None:
    assert knowledge_files.facts(folder) == {}
    with pytest.raises(UndefinedFactError, match="period"):
        knowledge_files.read(folder)


@pytest.mark.parametrize(
    ("text", "error"),
    [("facts: [a]\n", KnowledgeFileError), ("facts: {Phone: '7'}\n", InvalidFactError)],
)
def test_what_is_no_fact_is_refused(folder: Path, text: str, error: type[Exception]) -> None:
    (folder / "facts.yaml").write_text(text)

    with pytest.raises(error):
        knowledge_files.facts(folder)
