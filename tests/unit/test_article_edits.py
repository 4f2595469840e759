"""Edits of articles: as fields of a form, as a file that is kept, and as lines that changed."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from helpdesk.knowledge import Link

from agent_cli import articles
from agent_cli.edits import Edits, Kept
from agent_cli.words import changes
from agent_cli.words.changes import Line
from tests.fakes import an_article

EVERYTHING = an_article(
    answer="One line.\nAnother: line.",
    utterances=("yes", "12", "what's up: now?", "# no comment"),
    links=(Link(title="Terms", url="https://shop.example/terms"),),
    valid_from=date(2026, 3, 1),
    owner="lena",
    review=True,
)


@pytest.mark.parametrize("article", [EVERYTHING, an_article(), an_article(automatic=False)])
def test_a_form_gives_back_the_article_that_it_shows(article: Any) -> None:
    found = articles.fields_of(articles.as_yaml(article))
    assert found

    rest = found.pop("rest")
    lists = {name: found[name].splitlines() for name in articles.LISTS}
    blank = {name: None for name, value in found.items() if value == "" and "_" in name}
    written = articles.of_fields({**found, **blank, "owner": found["owner"], **lists}, rest)

    again = articles.from_yaml(written.replace("automatic_reason: null", "automatic_reason: ''"))
    assert again.article == article


@pytest.mark.parametrize(
    "text",
    ["a: [", "- a list", "1: x", "utterances: text", "utterances: [1]", 'golden: ["a\\nb"]',
     "title: {a: b}", ""],
)  # fmt: skip
def test_what_a_form_cannot_show_is_left_to_yaml(text: str) -> None:
    assert articles.fields_of(text) is None


def test_what_a_form_has_no_field_for_stands_in_it_as_yaml() -> None:
    assert articles.rest_as_yaml(EVERYTHING) == (
        "links:\n- title: Terms\n  url: https://shop.example/terms\n"
    )
    assert articles.rest_as_yaml(an_article()) == ""


def test_an_edit_is_kept_with_the_version_it_began_with(tmp_path: Path) -> None:
    edits = Edits(tmp_path / "articles")
    assert edits.read("refund") is None

    edits.keep("refund", "answer: Grüße\n", version=3)

    assert edits.read("refund") == Kept("answer: Grüße\n", 3)
    assert edits.read("gift_card") is None
    assert [each.name for each in edits.folder.iterdir()] == ["refund.yaml"]
    edits.drop("refund")
    edits.drop("refund")
    assert edits.read("refund") is None


def test_an_edit_without_a_version_is_read_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "refund.yaml").write_text("answer: x\n")

    assert Edits(tmp_path).read("refund") == Kept("answer: x\n", None)


@pytest.mark.parametrize("intent", ["../../etc/passwd", "a/b", "", ".."])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, intent: str) -> None:
    assert Edits(tmp_path).path(intent).parent == tmp_path


def test_lines_that_changed_stand_among_some_that_stayed() -> None:
    old = "\n".join(map(str, range(20)))
    new = old.replace("2\n", "two\n", 1).replace("\n18", "")

    found = changes.lines(old, new)

    assert Line("-", "2") in found
    assert Line("+", "two") in found
    assert found.count(Line("…", "")) == 1
    assert Line(" ", "9") not in found
    assert changes.lines(old, old) == ()
    assert changes.lines("", "a") == (Line("+", "a"),)
