"""The starter knowledge follows the written style of docs/knowledge.md, rule by rule."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from statistics import median

import pytest
from helpdesk.knowledge import Article, Golden, Priority, filled, said_on, variables
from helpdesk.linting import Knowledge, lint
from helpdesk.linting.readability import reading_ease
from helpdesk.understanding.model import OUT_OF_SCOPE

from infra.paths import ROOT
from infra.teaching import knowledge_files
from infra.teaching.seed import GOLDEN

STYLE = (ROOT / "docs" / "knowledge.md").read_text()
ARTICLES = tuple(each for each in knowledge_files.read() if each.intent != OUT_OF_SCOPE)
IDS = [each.intent for each in ARTICLES]
each_article = pytest.mark.parametrize("article", ARTICLES, ids=IDS)

BANNED = re.compile(
    r"\b(?:I|I'm|I'll|myself"
    r"|photos?|videos?|call you back|senior"
    r"|is looking at this|right away|first thing|reply and a colleague)\b"
)
"""A machine that says "I", and what the product cannot keep: call-backs, haste, files on any page.

A photo is asked for by a fact, which says on each channel how.
"""


def words(text: str) -> list[str]:
    return re.findall(r"[A-Za-z0-9][A-Za-z0-9'-]*", text)


def plain(text: str) -> str:
    return " ".join(words(text.casefold()))


def section(title: str) -> str:
    """Return the text of a section of docs/knowledge.md."""
    found = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", STYLE, re.MULTILINE | re.DOTALL)
    assert found, f"docs/knowledge.md has no section {title!r}"
    return found[1]


def listed(title: str) -> list[str]:
    """Return what the first column of a section's table quotes."""
    return re.findall(r"^\| `([^`]+)` ", section(title), re.MULTILINE)


def golden() -> Iterator[dict[str, str]]:
    for line in GOLDEN.read_text().splitlines():
        yield json.loads(line)


def test_answers_are_short() -> None:
    lengths = {each.intent: len(each.answer.split()) for each in ARTICLES}
    assert median(lengths.values()) <= 60
    assert not {intent: length for intent, length in lengths.items() if length > 110}


@each_article
def test_an_answer_is_plain_english(article: Article) -> None:
    ease = reading_ease(article.answer)
    assert ease is None or ease >= 60


@each_article
def test_an_answer_opens_with_the_answer(article: Article) -> None:
    opening = article.answer.casefold()
    assert not [each for each in listed("Banned openings") if opening.startswith(each.casefold())]
    if article.automatic and not article.needs_person:
        assert not opening.startswith(("we are sorry", "thank you"))


def test_what_a_photo_shows_better_than_words_asks_for_one() -> None:
    asking = {each.intent for each in ARTICLES if "{add_photo}" in each.answer}

    assert asking == {"damaged_item", "wrong_item", "missing_item", "warranty", "product_recall"}
    assert asking == {each.intent for each in ARTICLES if variables(each.answer)}
    assert all(each.needs_person for each in ARTICLES if each.intent in asking)


@pytest.mark.parametrize(
    ("channel", "how"), [("web", "add a photo here"), ("mail", "attach a photo to")]
)
def test_each_channel_is_told_how_to_add_a_photo(channel: str, how: str) -> None:
    stated = said_on(channel, knowledge_files.facts())
    said = [filled(each, stated).answer for each in ARTICLES if variables(each.answer)]

    assert len(said) == 5
    assert all(answer.count(how) == 1 for answer in said)
    assert all("if you can" in answer for answer in said), "no page must take files"
    assert all(reading_ease(answer) >= 60 for answer in said)
    assert all(len(answer.split()) <= 70 for answer in said)


@each_article
def test_an_answer_promises_nothing_that_the_product_cannot_keep(article: Article) -> None:
    assert not BANNED.findall(article.answer)


@each_article
def test_an_answer_names_only_numbers_of_the_desk(article: Article) -> None:
    facts = set(re.findall(r"\d[\d.:]*\d|\d", section("Facts of the desk")))
    assert set(re.findall(r"\d[\d.:]*\d|\d", article.answer)) <= facts


def test_only_the_rule_gives_a_matter_to_a_person() -> None:
    assert sorted(listed("Matters for a person")) == sorted(
        each.intent for each in ARTICLES if each.needs_person
    )
    asked = {each.intent for each in ARTICLES if each.needs_person and each.automatic}
    assert asked == {"contact_human_agent"}
    assert all(each.automatic for each in ARTICLES if not each.needs_person)


@each_article
def test_an_acknowledgement_says_what_happens_next_and_when(article: Article) -> None:
    if article.needs_person:
        assert re.search(r"\b(?:colleague|person|people)\b", article.answer)
        assert re.search(r"within one (?:business day|month)|The desk is open|marked urgent",
                         article.answer)  # fmt: skip
    if "marked urgent" in article.answer:
        assert article.priority is Priority.URGENT


@each_article
def test_an_article_has_enough_utterances(article: Article) -> None:
    assert len(article.utterances) >= 15


def test_lint_finds_nothing() -> None:
    """Length, reading ease, openings, numbers, doubles, styles of utterances and all the rest."""
    cases = tuple(
        Golden(each["text"], (each["intent"],) if each["intent"] else ()) for each in golden()
    )
    knowledge = Knowledge(
        articles=knowledge_files.read(),
        golden=cases,
        facts=knowledge_files.facts(),
        today=date(2026, 11, 28),
    )

    assert lint(knowledge) == ()


def test_no_utterance_belongs_to_two_articles() -> None:
    owners = Counter(
        said
        for article in knowledge_files.read()
        for said in {plain(text) for text in article.utterances}
    )
    assert not [said for said, count in owners.items() if said and count > 1]


def test_no_golden_message_is_a_copy_of_an_utterance() -> None:
    taught = {plain(text) for article in knowledge_files.read() for text in article.utterances}
    assert not [each["text"] for each in golden() if plain(each["text"]) in taught - {""}]


def test_every_article_is_judged_and_every_label_is_an_article() -> None:
    labels = Counter(each["intent"] for each in golden() if each["intent"])
    assert set(labels) == set(IDS)
    assert min(labels.values()) >= 6
    assert {also for each in golden() for also in each.get("also", ())} <= set(IDS)
