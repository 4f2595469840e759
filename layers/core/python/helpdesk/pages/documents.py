"""A document that is ready to be sent, and which of its languages a visitor gets. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256

_WISH = re.compile(r"\s*([A-Za-z]{1,8})(?:-[A-Za-z0-9]{1,8})*\s*(?:;\s*q\s*=\s*([0-9.]{1,5})\s*)?")


@dataclass(frozen=True)
class Document:
    """A content with its type, the seconds it stays fresh, and what else its headers say."""

    content: str
    kind: str
    fresh: int
    more: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def tag(self) -> str:
        """Name this content, however the gateway packs it: a weak tag (RFC 9110, section 8.8.1)."""
        digest = sha256(f"{self.content}\n{sorted(self.more.items())}".encode())
        return f'W/"{digest.hexdigest()[:32]}"'

    @property
    def headers(self) -> dict[str, str]:
        """Return the headers of a response that brings the document, or says it is the same."""
        return {
            "Content-Type": f"{self.kind}; charset=utf-8",
            "Cache-Control": f"public, max-age={self.fresh}",
            "ETag": self.tag,
            **self.more,
        }


def matches(document: Document, asked: str) -> bool:
    """Tell whether an If-None-Match names the document, weakly as RFC 9110 wants it there."""
    names = {each.strip().removeprefix("W/") for each in asked.split(",")}
    return "*" in names or document.tag.removeprefix("W/") in names


def language_of(wanted: str, accepted: str, known: tuple[str, ...]) -> str:
    """Return the language a visitor gets: the one `wanted`, else the best of Accept-Language.

    The first one of `known` is for visitors who want none of them.
    """
    if (asked := wanted.lower().partition("-")[0]) in known:
        return asked
    wishes = (_WISH.fullmatch(each) for each in accepted.split(",")[:32])
    ranked = [(_weight(wish[2]), wish[1].lower()) for wish in wishes if wish]
    ranked.sort(key=lambda wish: -wish[0])
    return next((each for weight, each in ranked if weight > 0 and each in known), known[0])


def _weight(said: str | None) -> float:
    try:
        return float(said) if said else 1.0
    except ValueError:
        return 0.0
