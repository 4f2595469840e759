"""A customer's recent cases in the tickets table, in one item:

    RECENT#<digest of the customer's key>  RECENT   a version, and what is kept of each case

It is written in one transaction with the ticket that adds a case, on the condition that its version
is the one that was read. It expires with its newest case. What a case says is compressed and cut:
with the vector of its meaning, one case fits into one write unit.
"""

import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from zlib import compress, decompress

from helpdesk.aws.shapes import Shape
from helpdesk.aws.tables import Item, Table
from helpdesk.cases import Case, Recent

MOST_SAID = 520
"""Bytes of what a case says; of a longer text the first words are kept."""

_CASE = Shape[Case](Case)


def key_of(key: str) -> Item:
    """Return the key of the item of the customer with this key."""
    return {"pk": f"RECENT#{sha256(key.encode()).hexdigest()[:32]}", "sk": "RECENT"}


def read(table: Table, key: str) -> Recent:
    """Return the recent cases of a customer."""
    item = table.get_item(Key=key_of(key), ConsistentRead=True)
    if item is None:
        return Recent(key=key)
    return Recent(
        key=key,
        version=int(item["version"]),
        roots=tuple(map(_read, item["roots"])),
        expires_at=datetime.fromtimestamp(int(item["expires_at"]), UTC),
    )


def put(recent: Recent) -> Item:
    """Return what stores recent cases in the place of those of the version before."""
    stored: Item = {
        "Item": {
            **key_of(recent.key),
            "version": recent.version,
            "roots": [_written(each) for each in recent.roots],
        }
    }
    if recent.expires_at:
        stored["Item"]["expires_at"] = int(recent.expires_at.timestamp())
    if not recent.before:
        return {**stored, "ConditionExpression": "attribute_not_exists(pk)"}
    return {
        **stored,
        "ConditionExpression": "version = :before",
        "ExpressionAttributeValues": {":before": recent.before},
    }


def _written(case: Case) -> Item:
    said = _CASE.write(case)
    meaning, words = said.pop("meaning"), said.pop("words")
    while len(packed := _packed(said, words)) > MOST_SAID and words:
        words = words[: len(words) * 7 // 8]
    return {"said": packed, "meaning": meaning}


def _packed(said: Item, words: list[str]) -> bytes:
    kept = {**said, "words": " ".join(words)}
    plain = json.dumps(kept, separators=(",", ":"), ensure_ascii=False)
    return compress(plain.encode("utf-8", "replace"), 9)


def _read(stored: Item) -> Case:
    said: dict[str, Any] = json.loads(decompress(stored["said"]))
    words = said.pop("words").split()
    return _CASE.read({**said, "words": words, "meaning": stored["meaning"]})
