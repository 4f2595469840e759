"""How the desk reads what people really write: contrasts, double questions, mails, goods.

The sets are in `tests/golden/`. Each figure is a share of messages, with the interval in which nine
of ten bootstrap samples lie (Efron 1979).
"""

import json
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from helpdesk.considering import considered
from helpdesk.knowledge import Article
from helpdesk.ports import Understander
from helpdesk.triage import Answer, Ask, Escalate, Greet, Policy

from infra.teaching.seed import GOLDEN

SAMPLES = 1000
ASKED = ("asked back",)
GREETED = ("greeted",)
HANDED = "handed to a person with the words of"
COURTESY = {"greeting", "goodbye", "thanks"}
SHAPES = ("greeting and thanks", "signature", "quoted mail", "forwarded mail", "footer")


@dataclass(frozen=True, slots=True)
class Figure:
    """A share of messages (0 to 1) with its interval, and of how many messages it is."""

    name: str
    share: float
    low: float
    high: float
    messages: int

    @classmethod
    def of(cls, name: str, hits: Sequence[bool]) -> "Figure":
        """Return the share of hits. Raises ValueError without messages."""
        if not hits:
            raise ValueError(f"{name}: no message")
        found = np.array(hits, float)
        draws = np.random.default_rng(0).integers(0, len(found), (SAMPLES, len(found)))
        low, high = np.quantile(found[draws].mean(axis=1), [0.05, 0.95])
        return cls(name, float(found.mean()), float(low), float(high), len(found))

    def __str__(self) -> str:
        """Return the figure as a line of a table."""
        span = f"{self.low:.1%} to {self.high:.1%}"
        return f"{self.name:<52} {self.share:>7.1%}   {span:<18} of {self.messages}"


type Reads = Callable[[str], tuple[str, ...]]
"""The intents of the answers that a text gets; ASKED, GREETED, or HANDED and an intent if that is
what the desk does, () for people."""


def reader(understander: Understander, articles: Iterable[Article]) -> Reads:
    """Return what answers a text gets from a desk with these articles."""
    known = {article.intent: article for article in articles}

    def reads(text: str) -> tuple[str, ...]:
        _, decision = considered(
            text, articles=known.get, understander=understander, policy=Policy()
        )
        if isinstance(decision, Answer):
            return tuple(article.intent for article in decision.articles)
        if isinstance(decision, Greet):
            return GREETED
        if isinstance(decision, Escalate) and decision.acknowledgement:
            return (HANDED, decision.acknowledgement.intent)
        return ASKED if isinstance(decision, Ask) else ()

    return reads


def figures(reads: Reads, folder: Path = GOLDEN.parent) -> list[Figure]:
    """Return all figures of the sets in a folder. Raises OSError and ValueError."""
    return [
        *_contrasts(reads, _lines(folder / "contrasts.jsonl")),
        *_doubles(reads, _lines(folder / "doubles.jsonl")),
        *_mails(reads, _lines(folder / "mail_bare.jsonl"), folder / "mail_parts.json"),
        *_plain(reads, "goods", _lines(folder / "goods.jsonl")),
        *_plain(reads, "paraphrases", _lines(folder / "paraphrases.jsonl")),
    ]


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def _wrong(answers: tuple[str, ...], right: Iterable[str]) -> bool:
    answered = answers not in {(), ASKED, GREETED} and HANDED not in answers
    return answered and not set(answers) <= set(right)


def _contrasts(reads: Reads, pairs: Sequence[dict[str, Any]]) -> Iterable[Figure]:
    yield Figure.of(
        "contrasts: answered wrongly",
        [_wrong(reads(each["contrast"]), each["right"]) for each in pairs],
    )
    yield Figure.of(
        "contrasts: the wish itself is answered right",
        [reads(each["affirmative"]) == (each["intent"],) for each in pairs],
    )


def _doubles(reads: Reads, messages: Sequence[dict[str, Any]]) -> Iterable[Figure]:
    two = [(each["intents"], reads(each["text"])) for each in messages if len(each["intents"]) > 1]
    yield Figure.of(
        "two questions: half answered",
        [len(answers) == 1 and answers not in {ASKED, GREETED} for _, answers in two],
    )
    yield Figure.of(
        "two questions: both answered", [set(answers) == set(asked) for asked, answers in two]
    )


def _mails(reads: Reads, messages: Sequence[dict[str, Any]], parts: Path) -> Iterable[Figure]:
    right = [each for each in messages if reads(each["text"]) == (each["intent"],)]
    yield Figure.of("mails, bare: answered right", [each in right for each in messages])
    pieces = json.loads(parts.read_text("utf-8"))
    for shape in SHAPES:
        chosen = random.Random(shape)  # noqa: S311 -- the same mails in each run
        read = [
            (each["intent"], reads(_mail(shape, each["text"], pieces, chosen))) for each in right
        ]
        yield Figure.of(
            f"mails, {shape}: what is right bare stays right",
            [answers == (intent,) for intent, answers in read],
        )
        yield Figure.of(
            f"mails, {shape}: answered wrongly",
            [_wrong(answers, [intent]) for intent, answers in read],
        )


def _mail(shape: str, text: str, pieces: dict[str, list[str]], chosen: random.Random) -> str:
    """Return a text as a mail of a shape, put together from pieces that a person wrote."""
    some = {name: chosen.choice(texts) for name, texts in pieces.items()}
    match shape:
        case "greeting and thanks":
            return f"{some['greetings']}\n\n{text}\n\n{some['closings']}"
        case "signature":
            return f"{text}\n\n{some['closings']}\n{some['signatures']}"
        case "quoted mail":
            return f"{text}\n\n{some['closings']}\n\n{some['quotes']}"
        case "forwarded mail":
            return f"{text}\n\n{some['forwards']}"
        case _:
            return f"{some['greetings']}\n{text}\n{some['closings']}\n\n{some['footers']}"


def _served(answers: tuple[str, ...], intent: str) -> bool:
    """Tell whether a customer gets the answer, what stands for it, or a question about it."""
    right = {(intent,), (HANDED, intent), ASKED}
    return answers in right or (answers == GREETED and intent in COURTESY)


def _plain(reads: Reads, name: str, messages: Sequence[dict[str, Any]]) -> Iterable[Figure]:
    read = [(each["intent"], reads(each["text"])) for each in messages]
    yield Figure.of(
        f"{name}: answered right or asked back",
        [_served(answers, intent) for intent, answers in read],
    )
    yield Figure.of(
        f"{name}: answered wrongly", [_wrong(answers, [intent]) for intent, answers in read]
    )
