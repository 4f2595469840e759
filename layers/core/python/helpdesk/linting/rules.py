"""The table of all rules, and the function that asks each of them."""

from collections.abc import Collection
from typing import Final

from helpdesk.linting import answers, dates, numbers, utterances
from helpdesk.linting.checking import Finding, Knowledge, Rule

RULES: Final = (
    Rule(
        "length",
        "an answer of too many words",
        "cut it to the answer and the next step; number the steps if it needs them",
        answers.length,
    ),
    Rule(
        "reading",
        "an answer that is hard to read",
        "write shorter sentences and common words",
        answers.hard_to_read,
    ),
    Rule(
        "opening",
        "an answer that begins with small talk",
        "begin with the answer",
        answers.openings,
    ),
    Rule(
        "person",
        "an answer that says I, as a person would",
        "say we, or name the desk",
        answers.said_as_person,
    ),
    Rule(
        "promise",
        "a promise that the product does not keep",
        "say what happens next in the product: an agent answers in this conversation",
        answers.promises,
    ),
    Rule(
        "title",
        "a title in the wrong form",
        "begin it with a capital, and end it without a full stop",
        answers.titles,
    ),
    Rule(
        "links",
        "the address of a page in an answer",
        "put it under `links`, with a title: so it is checked with --links",
        answers.bare_links,
    ),
    Rule(
        "numbers",
        "two different numbers for the same thing",
        "use one number; a fact (`knowledge fact set`) stores it once for all articles",
        numbers.contradictions,
    ),
    Rule(
        "variables",
        "a variable without a fact",
        "set the fact (`knowledge fact set`), or write the text itself",
        answers.unfilled,
    ),
    Rule(
        "states",
        "a status of an order whose answers all have a slot that may stay empty",
        "add an answer for this status with {number} alone, below the others",
        answers.uncertain,
    ),
    Rule(
        "doubles",
        "a phrase that occurs twice",
        "keep it only in the article it belongs to",
        utterances.doubles,
    ),
    Rule(
        "near doubles",
        "a phrase that is nearly the same in another article",
        "change one so that the difference is clear, or merge the articles",
        utterances.near_doubles,
    ),
    Rule(
        "golden copies",
        "a phrase that is a golden case",
        "write another phrase: a model is not judged by what it was taught",
        utterances.golden_copies,
    ),
    Rule(
        "coverage",
        "a writing style of customers that the phrases lack",
        "add phrases of this style, as customers would write them",
        utterances.coverage,
    ),
    Rule(
        "leftovers",
        "leftover text of a template",
        "write what this desk's customers would write or read",
        answers.leftovers,
    ),
    Rule(
        "encoding",
        "letters that were read with the wrong encoding",
        "type the letters again",
        answers.mojibake,
    ),
    Rule(
        "review",
        "an article that is due for review",
        "read it, and set the next day of review",
        dates.review_due,
    ),
    Rule(
        "ended",
        "an article whose last day has passed",
        "remove it, or give it another last day",
        dates.ended,
    ),
)
"""Every rule by its name, in the order in which an editor reads the findings."""


def lint(knowledge: Knowledge, only: Collection[str] = ()) -> tuple[Finding, ...]:
    """Return what the rules find, rule by rule; `only` names the rules to ask, none asks all."""
    return tuple(
        Finding(article=intent, rule=rule.name, text=text, advice=rule.advice)
        for rule in RULES
        if not only or rule.name in only
        for intent, text in rule.look(knowledge)
    )
