"""How the customer feels, without the words that only name a desk's matters."""

from typing import Final

from spacy.language import Language
from spacy.tokens import Doc
from vader import SentimentIntensityAnalyzer

# VADER takes these for feelings; at a desk they name the matter or the goods, or are courtesy.
NEUTRAL: Final = (
    "accept accepted accidentally active agree alert alone approved argument benefits block "
    "blocked bonus broke broken cancel cancelled cancelling cancels challenge charged charges "
    "clear complain complained complaint complaints consent create creating credit credited "
    "critical crushed cut damage damaged dead dear defect defective delay delayed denied died "
    "dispute doubt drop empty error errors fail failed failing failure faulty fine fit forget "
    "forgotten free freeze gift grey guarantee help helping interest interested join kind l "
    "leak leaked leave legal like limited loose lost lower loyal loyalty mandatory mia miss "
    "missed missing mistake mistakes no number offline ok original pay penalty please pls po "
    "prize problem problems reach reached ready refused reject rejected reward rewards safe "
    "save saved screws secure security share sorry stop stopped straight stuck support sure "
    "suspend suspended thank thanks top torn trouble value want warn warning well wish wishes "
    "withdrawal wrong yes "
).split()

# Angry customers use these words at a desk; on the scale of the lexicon (-4 to 4).
CHARGED: Final = {
    "joke": -1.5, "lawyer": -1.5, "lawyers": -1.5, "sue": -2.0, "unacceptable": -2.5,
    "unprofessional": -2.0, "useless": -2.5, "ridiculous": -2.2, "scam": -3.0,
}  # fmt: skip


class Sentiment:
    """Sets `doc.sentiment`: -1 (angry) to 1 (delighted), by VADER (Hutto and Gilbert 2014)."""

    def __init__(self) -> None:
        self._analyzer = SentimentIntensityAnalyzer(
            extra_lexicon=dict.fromkeys(NEUTRAL, 0.0) | CHARGED
        )

    def __call__(self, doc: Doc) -> Doc:
        doc.sentiment = self._analyzer.polarity_scores(doc.text)["compound"]
        return doc


@Language.factory("helpdesk_sentiment", assigns=["doc.sentiment"])
def create(nlp: Language, name: str) -> Sentiment:  # noqa: ARG001 -- the factory's signature
    """The component; it has nothing to configure or to save."""
    return Sentiment()
