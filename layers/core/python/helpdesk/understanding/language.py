"""Which language a message is in: the desk answers only in languages it was tested in."""

from functools import cache
from typing import Final

from py3langid.langid import (  # type: ignore[import-untyped]
    MODEL_FILE,
    LanguageIdentifier,
)
from spacy.language import Language
from spacy.tokens import Doc

UNKNOWN = "und"
NO_LANGUAGE_FOUND: Final = {UNKNOWN, "en", "zxx"}  # without a telling word, "en" is only assumed
SURE = 0.5  # below, a few letters decide nothing

# Everyday words of English that are not words of related languages.
TELLING: Final = frozenset(
    "about and any are bought can cancel change could delivered delivery did didn't does doesn't "
    "don't email for get got had has have haven't help how i i'd i'm i've invoice is isn't it its "
    "it's money my need newsletter not of on order password payment please refund return shipping "
    "should tell than thanks that the their there they this to track want was what when where "
    "which who why will with would you your".split()
)


@cache
def _identifier() -> LanguageIdentifier:
    # 0.7 s to unpack: only the first message without telling words pays it.
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


class LanguageOfMessage:
    """Sets `doc._.language` to an ISO 639-1 code, or "und" where it is not clear."""

    def __init__(self, nlp: Language) -> None:
        self._own = str(nlp.lang)

    def __call__(self, doc: Doc) -> Doc:
        doc._.language = self._identify(doc)
        return doc

    def _identify(self, doc: Doc) -> str:
        words = [token.lower_ for token in doc if token.text[:1].isalpha()]
        if not words:
            return UNKNOWN
        if sum(word in TELLING for word in words) * 3 >= len(words):
            return self._own
        language, probability = _identifier().classify(doc.text)
        return str(language) if probability >= SURE else UNKNOWN


if not Doc.has_extension("language"):
    Doc.set_extension("language", default=UNKNOWN)


@Language.factory("helpdesk_language", assigns=["doc._.language"])
def create(nlp: Language, name: str) -> LanguageOfMessage:  # noqa: ARG001 -- the factory's signature
    """The component; the desk's own language is the pipeline's."""
    return LanguageOfMessage(nlp)
