"""How close a text is to the one that a careful person wrote, by nltk and sacrebleu.

Only the evaluation imports this: neither library is in a layer.
"""

from nltk.translate.bleu_score import SmoothingFunction, sentence_bleu
from sacrebleu import sentence_chrf

_SMOOTHED = SmoothingFunction().method4
"""For short texts (Chen and Cherry 2014)."""


class Likeness:
    """Compares texts."""

    def bleu(self, text: str, reference: str) -> float:
        """Return BLEU-4 of words between white space, from 0 to 1; 0 for an empty text."""
        words = text.split()
        if not words:
            return 0.0
        found = sentence_bleu([reference.split()], words, smoothing_function=_SMOOTHED)
        return float(found)

    def chrf(self, text: str, reference: str) -> float:
        """Return chrF of characters, from 0 to 1."""
        return float(sentence_chrf(text, [reference]).score) / 100
