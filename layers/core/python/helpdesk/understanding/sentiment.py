"""How the customer feels, apart from what the desk calls things."""

from typing import Final

from spacy.language import Language
from spacy.tokens import Doc
from vader import SentimentIntensityAnalyzer

# VADER scores these as feelings; at a desk they name the matter or are courtesy.
NEUTRAL: Final = (
    "alert alone argument block blocked cancel canceled cancelled cancelling cancels charge charged "
    "charges chargeback claim clear complain complained complaint complaints credit critical cut "
    "damage damaged defect delay delayed delays delete denied dispute doubt error errors exchange "
    "fail failed failing failure fine free help helping interest interested issue issues kind lock "
    "locked lost mandatory miss missed missing mistake mistakes no number pay paid payment penalty "
    "please pls problem problems question refund refunds reject rejected remove return returned "
    "share stop stopped stuck support trouble unsubscribe warn warning wrong yes "
    "agree save secure security safe like thanks thank hi hello dear sorry"
).split()


class Sentiment:
    """Sets `doc.sentiment`: -1 (angry) to 1 (delighted), by VADER (Hutto and Gilbert 2014)."""

    def __init__(self) -> None:
        self._analyzer = SentimentIntensityAnalyzer(extra_lexicon=dict.fromkeys(NEUTRAL, 0.0))

    def __call__(self, doc: Doc) -> Doc:
        doc.sentiment = self._analyzer.polarity_scores(doc.text)["compound"]
        return doc


@Language.factory("helpdesk_sentiment", assigns=["doc.sentiment"])
def create(nlp: Language, name: str) -> Sentiment:  # noqa: ARG001 -- the factory's signature
    """The component; it has nothing to configure or to save."""
    return Sentiment()
