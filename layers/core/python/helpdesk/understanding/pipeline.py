"""One spaCy pipeline, one pass a message: entities, language, sentiment, intents."""

from collections.abc import Iterable, Sequence
from typing import cast

import spacy
from spacy.language import Language
from spacy.tokens import Doc

from helpdesk.triage import Entity, RankedIntent, Understanding
from helpdesk.understanding import entities, language, sentiment  # noqa: F401 -- register factories
from helpdesk.understanding.encoder import Encoder
from helpdesk.understanding.model import SCOPE_REQUIRED, Model, ModelMismatchError
from helpdesk.understanding.spelling import Speller
from helpdesk.understanding.text import plain, readable

SHOWN = 5  # candidates a ranking keeps


class Intents:
    """Sets `doc._.ranking` and `doc._.scope`; the model may be exchanged between messages."""

    def __init__(self, model: Model, encoder: Encoder) -> None:
        self._encoder = encoder
        self.model = model

    @property
    def model(self) -> Model:
        """The model in use. Raises ModelMismatchError when set to one of another encoder."""
        return self._model

    @model.setter
    def model(self, model: Model) -> None:
        if model.encoder != self._encoder.identity:
            raise ModelMismatchError(
                f"model {model.version} needs encoder {model.encoder}, here is {self._encoder.identity}"
            )
        self._model = model
        self._speller = Speller(model.words, self._encoder.knows)

    def __call__(self, doc: Doc) -> Doc:
        text = plain(doc.text)
        if not text:
            return doc
        text = self._speller.correct(text)
        model = self._model
        vectors = self._encoder.encode([text])
        doc.vector = vectors[0]
        reading = model.read([text], vectors)
        probabilities = reading.probabilities[0]
        best = probabilities.argsort()[::-1][:SHOWN]
        doc._.ranking = tuple(
            RankedIntent(model.intents[row], float(probabilities[row]), float(model.required[row]))
            for row in best
        )
        doc._.scope = float(reading.scope[0])
        return doc


if not Doc.has_extension("ranking"):
    Doc.set_extension("ranking", default=())
    Doc.set_extension("scope", default=0.0)


@Language.factory("helpdesk_intents", assigns=["doc._.ranking", "doc._.scope"])
def create(nlp: Language, name: str, model: Model, encoder: Encoder) -> Intents:  # noqa: ARG001
    return Intents(model, encoder)


class Understander:
    """The whole pipeline around one encoder and an exchangeable model.

    Building one takes as long as spaCy's blank pipeline and nothing per intent; `model` may be set
    at any time and counts from the next message on.
    """

    def __init__(self, model: Model, encoder: Encoder, *, products: Iterable[str] = ()) -> None:
        self._nlp = spacy.blank("en")
        self._nlp.add_pipe("helpdesk_entities", config={"products": sorted(products)})
        self._nlp.add_pipe("helpdesk_language")
        self._nlp.add_pipe("helpdesk_sentiment")
        self._intents = Intents(model, encoder)
        self._mode = encoder.mode

    @property
    def model(self) -> Model:
        """The model in use; set another one of the same encoder to exchange it at once."""
        return self._intents.model

    @model.setter
    def model(self, model: Model) -> None:
        self._intents.model = model

    def understand(self, text: str) -> Understanding:
        """What `text` was taken to mean. Total: any string has an understanding."""
        return self.understand_all([text])[0]

    def understand_all(self, texts: Sequence[str]) -> list[Understanding]:
        """As `understand`, for several messages; each is understood as if it were alone."""
        # Words of customers are forgotten with the messages: the vocabulary must not grow.
        with self._nlp.memory_zone():
            return [self._read(doc) for doc in self._nlp.pipe(map(readable, texts))]

    def _read(self, doc: Doc) -> Understanding:
        doc = self._intents(doc)
        model = self._intents.model
        return Understanding(
            ranking=doc._.ranking,
            scope=doc._.scope,
            scope_required=SCOPE_REQUIRED,
            language=doc._.language,
            sentiment=doc.sentiment,
            entities=cast("tuple[Entity, ...]", doc._.entities),
            model=f"{model.version}/{self._mode}",
        )
