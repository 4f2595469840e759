"""One spaCy pipeline, one pass a message: entities, language, sentiment, intents."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Self, cast

import numpy as np
import spacy
from spacy.language import Language
from spacy.tokens import Doc

from helpdesk.triage import Entity, RankedIntent, Understanding
from helpdesk.understanding import entities, language, sentiment  # noqa: F401 -- register factories
from helpdesk.understanding.elsewhere import is_elsewhere
from helpdesk.understanding.encoder import Encoder, load_encoder
from helpdesk.understanding.goods import generalised, goods_named
from helpdesk.understanding.lexical import Floats
from helpdesk.understanding.model import SCOPE_REQUIRED, Model, ModelMismatchError
from helpdesk.understanding.spelling import Speller
from helpdesk.understanding.text import plain, readable

SHOWN = 5  # candidates a ranking keeps
_LETTERS = re.compile(r"[^\W\d_]+")
DIGITS = 4  # of a probability: more say nothing, and are stored with every ticket


class Intents:
    """Sets `doc._.ranking` (RankedIntent, best first), `.scope`, `.contrary` and `doc.vector`.

    Needs `use` or `from_disk` before the first message. The model may be exchanged between
    messages. A text in which nothing can be read keeps the empty ranking, and has no language.
    """

    model: Model
    encoder: Encoder

    def __init__(self, own: str) -> None:
        self._own = own

    def use(self, model: Model, encoder: Encoder) -> Self:
        """Rank by `model` from now on. Raises ModelMismatchError if it is for another encoder."""
        if model.encoder != encoder.identity:
            raise ModelMismatchError(
                f"model {model.version} is for {model.encoder}, the encoder is {encoder.identity}"
            )
        self.model, self.encoder = model, encoder
        self._speller = Speller(model.words, encoder.knows)
        self._as_orders = bool(model.about.get("goods_are_orders"))
        return self

    def __call__(self, doc: Doc) -> Doc:
        text = plain(doc.text)
        if not text:
            return doc
        corrected = self._speller.correct(
            generalised(text, self.model.words) if self._as_orders else text
        )
        vectors = self.encoder.encode([corrected])
        reading = self.model.read([corrected], vectors)
        if reading.scope[0] < SCOPE_REQUIRED and self._is_nonsense(doc, corrected):
            doc._.language = language.UNKNOWN
            return doc
        probabilities = reading.probabilities[0]
        doc._.ranking = tuple(
            RankedIntent(
                self.model.intents[row],
                round(float(probabilities[row]), DIGITS),
                round(float(self.model.required[row]), DIGITS),
            )
            for row in probabilities.argsort()[::-1][:SHOWN]
        )
        if doc._.language == language.UNKNOWN and self._is_own(corrected):
            doc._.language = self._own
        doc._.scope = round(float(reading.scope[0]), DIGITS)
        doc.vector = vectors[0]
        if self.encoder.mode == "full":  # sums of words are near for other goods, too
            doc._.meaning = np.rint(vectors[0] * 127).astype(np.int8).tobytes()
        doc._.contrary = self._contrary(text, corrected, vectors[0], int(probabilities.argmax()))
        return doc

    def _contrary(self, text: str, corrected: str, vector: Floats, row: int) -> float:
        """Return how contrary a text is; surely if it names another company than the desk's."""
        if is_elsewhere(text, self.model.intents[row], self.model.about.get("elsewhere", {})):
            return 1.0
        if self.model.contrary is None:
            return 0.0
        return round(self.model.contrary.score(corrected, vector, row), DIGITS)

    def _is_own(self, corrected: str) -> bool:
        """Tell whether half of the words at least are words of the knowledge."""
        words = _LETTERS.findall(corrected.casefold())
        return 2 * sum(word in self.model.words for word in words) >= len(words) > 0

    def _is_nonsense(self, doc: Doc, corrected: str) -> bool:
        """Tell whether a text that no language was found in has no word that anyone knows."""
        if doc._.language not in language.NO_LANGUAGE_FOUND or doc._.entities:
            return False
        words = _LETTERS.findall(corrected.casefold())
        known = self.model.words
        # Words in other scripts are no nonsense, although the encoder knows few of them.
        return bool(words) and not any(
            not w.isascii() or w in known or self.encoder.knows(w) for w in words
        )

    def to_disk(self, path: Path, *, exclude: Iterable[str] = ()) -> None:  # noqa: ARG002
        """Write the model and a copy of the encoder; spaCy calls it."""
        path.mkdir(parents=True, exist_ok=True)
        (path / "model.npz").write_bytes(self.model.to_bytes())
        self.encoder.copy_to(path / "encoder")

    def from_disk(self, path: Path, *, exclude: Iterable[str] = ()) -> Self:  # noqa: ARG002
        """Read what `to_disk` wrote; spaCy calls it."""
        model = Model.from_bytes((path / "model.npz").read_bytes())
        return self.use(model, load_encoder(path / "encoder"))


if not Doc.has_extension("ranking"):
    Doc.set_extension("ranking", default=())
    Doc.set_extension("scope", default=0.0)
    Doc.set_extension("contrary", default=0.0)
    Doc.set_extension("meaning", default=b"")


@Language.factory(
    "helpdesk_intents", assigns=["doc._.ranking", "doc._.scope", "doc._.contrary", "doc.vector"]
)
def create(nlp: Language, name: str) -> Intents:  # noqa: ARG001 -- the factory's signature
    """The component, without a model yet; the desk's own language is the pipeline's."""
    return Intents(str(nlp.lang))


class Understander:
    """The whole pipeline around one encoder and an exchangeable model.

    Building one takes as long as spaCy's blank pipeline and nothing per intent. `pipeline` is an
    ordinary spaCy pipeline: `pipeline.to_disk(folder)`, then `spacy.load(folder)`.
    """

    def __init__(self, model: Model, encoder: Encoder, *, products: Iterable[str] = ()) -> None:
        words = {"nlp": {"tokenizer": {"@tokenizers": "helpdesk_words"}}}
        self.pipeline = spacy.blank("en", config=words)
        self.pipeline.add_pipe("helpdesk_entities", config={"products": sorted(products)})
        self.pipeline.add_pipe("helpdesk_language")
        self.pipeline.add_pipe("helpdesk_sentiment")
        self._intents = cast("Intents", self.pipeline.add_pipe("helpdesk_intents"))
        self._intents.use(model, encoder)

    @property
    def model(self) -> Model:
        """The model in use; set one of the same encoder to exchange it from the next message on.

        Setting raises ModelMismatchError when the model was fitted for another encoder.
        """
        return self._intents.model

    @model.setter
    def model(self, model: Model) -> None:
        self._intents.use(model, self._intents.encoder)

    def understand(self, text: str) -> Understanding:
        """What `text` means. Total: every string has an understanding."""
        return self.understand_all([text])[0]

    def understand_all(self, texts: Sequence[str]) -> list[Understanding]:
        """As `understand`, for several messages; each is understood by itself."""
        # The vocabulary must not grow, so customers' words are removed with the messages.
        with self.pipeline.memory_zone():
            return [self._reading(doc) for doc in self.pipeline.pipe(map(readable, texts))]

    def _reading(self, doc: Doc) -> Understanding:
        return Understanding(
            ranking=cast("tuple[RankedIntent, ...]", doc._.ranking),
            scope=doc._.scope,
            scope_required=SCOPE_REQUIRED,
            contrary=doc._.contrary,
            language=doc._.language,
            sentiment=doc.sentiment,
            entities=cast("tuple[Entity, ...]", doc._.entities),
            goods=goods_named(doc.text),
            meaning=doc._.meaning,
            model=f"{self._intents.model.version}/{self._intents.encoder.mode}",
        )
