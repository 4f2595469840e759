"""What an engine is told and given, and the reading of what it answers. Pure but for the data.

Texts of other people are data in the request: in JSON, so that no text can end its place, and with
a sign between their words, so that it is always seen that they are data. What an engine may do is
not decided here: it may only write parts, and these are checked.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from importlib import resources
from typing import Any

from helpdesk.drafting.linking import unmarked, without_links
from helpdesk.drafting.model import EngineError, Failure, Part, Request, Said
from helpdesk.drafting.quoting import own_codes, quotable
from helpdesk.evidence import Found, Origin

CONVERSATION = 6_000
"""Characters of a conversation that an engine gets. The last messages are kept."""

MESSAGE = 3_000
"""Characters of one message, and of one passage, that an engine gets."""

PASSAGES = 8
PARTS, LONGEST_PART = 12, 2_000
"""Parts of an answer, and characters of each."""

MARK = "\u02c6"
"""Stands between the words of foreign texts."""

SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["parts"],
    "properties": {
        "parts": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["text", "rests_on"],
                "properties": {
                    "text": {"type": "string"},
                    "rests_on": {"type": "array", "items": {"type": "integer"}},
                },
            },
        }
    },
}
"""The JSON schema of an answer, within what engines enforce: no bounds, no optional fields."""


def request_for(
    conversation: Sequence[Said],
    found: Sequence[Found],
    *,
    instructions: str | None = None,
    most: int = 400,
) -> Request:
    """Return what an engine gets: bounded, as it is seen, and without links.

    `instructions` are the desk's; those that are shipped if None. `most` is in tokens.
    """
    own = own_codes((each.text for each in conversation), found)
    plain = [_plain(quotable(each, own)) for each in found[: 2 * PASSAGES]]
    return Request(
        conversation=_bounded(conversation),
        evidence=tuple(each for each in plain if each.passage.text)[:PASSAGES],
        instructions=shipped() if instructions is None else instructions,
        most=most,
    )


def prompt(request: Request) -> str:
    """Return what an engine is given beside the instructions, as JSON.

    Faults of an earlier try are named by their kind and the draft's own words.
    """
    given: dict[str, Any] = {
        "evidence": [
            {
                "number": each.number,
                "from": each.passage.origin.value,
                "title": _as_data(each.passage.title, each.passage.origin),
                "text": _as_data(each.passage.text, each.passage.origin),
            }
            for each in request.evidence
        ],
        "conversation": [
            {
                "by": "customer" if each.by_customer else "desk",
                "text": _marked(each.text) if each.by_customer else each.text,
            }
            for each in request.conversation
        ],
    }
    if request.faults:
        given["not_in_the_evidence"] = [
            {"kind": each.kind, "text": _marked(each.what)} for each in request.faults
        ]
    return json.dumps(given, ensure_ascii=False)


def parts_of(answer: str, evidence: Sequence[Found]) -> tuple[Part, ...]:
    """Return the parts of an engine's answer.

    Raises EngineError (MALFORMED) if it is not JSON as SCHEMA says, is out of bounds, says nothing,
    or names evidence that is not there. The error holds nothing of the answer.
    """
    try:
        read = json.loads(_without_fence(answer))
    except (ValueError, RecursionError) as error:
        raise EngineError(Failure.MALFORMED, "the answer is not JSON") from error
    numbers = {each.number for each in evidence}
    items = read.get("parts") if isinstance(read, dict) else None
    if not isinstance(items, list) or not 1 <= len(items) <= PARTS:
        raise EngineError(Failure.MALFORMED, f"the answer has no list of 1 to {PARTS} parts")
    parts = tuple(_part(item, numbers) for item in items)
    return check_parts(parts, evidence)


def check_parts(parts: Sequence[Part], evidence: Sequence[Found]) -> tuple[Part, ...]:
    """Return the parts of an engine as plain text, without those that then say nothing.

    Raises EngineError (MALFORMED) if they are out of bounds, say nothing, or name evidence that is
    not there.
    """
    numbers = {each.number for each in evidence}
    plain = tuple(replace(part, text=unmarked(part.text.replace(MARK, " "))) for part in parts)
    said = tuple(part for part in plain if part.text)
    if not said or len(said) > PARTS:
        raise EngineError(Failure.MALFORMED, f"the answer has no list of 1 to {PARTS} parts")
    if any(len(part.text) > LONGEST_PART for part in said):
        raise EngineError(Failure.MALFORMED, f"a part has more than {LONGEST_PART} characters")
    if any(number not in numbers for part in said for number in part.rests_on):
        raise EngineError(Failure.MALFORMED, "a part names evidence that is not there")
    return said


@cache
def shipped() -> str:
    """Return the instructions that come with the product."""
    return resources.files(__package__).joinpath("instructions.txt").read_text("utf-8")


def _part(item: object, numbers: set[int]) -> Part:
    if not isinstance(item, dict) or set(item) != {"text", "rests_on"}:
        raise EngineError(Failure.MALFORMED, "a part is not an object of text and rests_on")
    text, rests_on = item["text"], item["rests_on"]
    whole = isinstance(rests_on, list) and all(type(each) is int for each in rests_on)
    if not isinstance(text, str) or not whole or not set(rests_on) <= numbers:
        raise EngineError(Failure.MALFORMED, "a part has a text or numbers that do not fit")
    return Part(text=text, rests_on=tuple(dict.fromkeys(rests_on)))


def _without_fence(answer: str) -> str:
    """Return JSON without the fence that some models put around it."""
    text = answer.strip()
    if text.startswith("```") and text.endswith("```"):
        return text.removeprefix("```").removeprefix("json").removesuffix("```")
    return text


def _bounded(conversation: Sequence[Said]) -> tuple[Said, ...]:
    """Return the last messages that fit, as they are seen and without links, oldest first."""
    kept: list[Said] = []
    left = CONVERSATION
    for said in reversed(conversation):
        text = without_links(said.text).replace(MARK, " ")[: min(left, MESSAGE)]
        if not text:
            continue
        kept.insert(0, replace(said, text=text))
        left -= len(text)
        if left <= 0:
            break
    return tuple(kept)


def _plain(found: Found) -> Found:
    passage = found.passage
    return replace(
        found,
        passage=replace(
            passage,
            title=without_links(passage.title).replace(MARK, " ")[:MESSAGE],
            text=without_links(passage.text).replace(MARK, " ")[:MESSAGE],
        ),
    )


def _as_data(text: str, origin: Origin) -> str:
    return text if origin is Origin.ARTICLE else _marked(text)


def _marked(text: str) -> str:
    return MARK.join(text.split())
