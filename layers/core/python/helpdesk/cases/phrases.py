"""Phrases and words as data. Pure but for reading the file."""

import tomllib
from functools import cache
from importlib import resources
from typing import Any

from helpdesk.wording.phrases import HARMLESS, Phrases

PERHAPS = "perhaps"
"""The label of what may be of a kind, or not."""


@cache
def data() -> dict[str, Any]:
    """Return the phrases and words that are kept with the product."""
    return tomllib.loads(resources.files(__package__).joinpath("phrases.toml").read_text("utf-8"))


@cache
def phrases(kind: str) -> Phrases:
    """Return the phrases of a kind, with its harmless ones."""
    found = data()[kind]
    return Phrases(
        {
            kind: found["phrases"],
            PERHAPS: found.get("perhaps", []),
            kind + HARMLESS: found.get("harmless", []),
        }
    )


@cache
def beginnings() -> Phrases:
    """Return what may stand before a question."""
    return Phrases({"before": data()["asks"]["before"]})


@cache
def openings() -> Phrases:
    """Return with what a message begins that goes on to another matter."""
    return Phrases({"starts": data()["moves_on"]["starts"]})


@cache
def listed(kind: str, name: str) -> frozenset[str]:
    """Return single words that are data."""
    return frozenset(data()[kind][name].split())
