"""The part of a message that is read: bounded, and only text."""

import re
import unicodedata
from collections.abc import Callable

from spacy.language import Language
from spacy.tokenizer import Tokenizer
from spacy.util import registry

LONGEST = 10_000  # characters; a support message says what it is about before that


def readable(text: str) -> str:
    """`text` cut to LONGEST, each character still at its place (entities point into the original).

    Lone surrogates, which JSON can carry and UTF-8 cannot, become the replacement character.
    """
    return text[:LONGEST].encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def plain(text: str) -> str:
    """`text` as the model sees it: one form per character, no control characters, single spaces.

    Empty if it has no letter and no digit, because there is nothing to understand then.
    """
    folded = unicodedata.normalize("NFKC", text).replace("\u2019", "'")
    kept = (" " if unicodedata.category(c)[0] in "CZ" else c for c in folded)
    words = " ".join("".join(kept).split())
    return words if any(c.isalnum() for c in words) else ""


@registry.tokenizers("helpdesk_words")  # type: ignore[untyped-decorator]
def create_tokenizer() -> Callable[[Language], Tokenizer]:
    """Words with their apostrophes, every other sign by itself.

    spaCy's rules for English peel signs off one after the other, which takes seconds for ten
    thousand brackets in a row; this takes time in proportion to the text.
    """
    signs = re.compile(r"[^\w\s']")

    def create(nlp: Language) -> Tokenizer:
        return Tokenizer(nlp.vocab, infix_finditer=signs.finditer)

    return create
