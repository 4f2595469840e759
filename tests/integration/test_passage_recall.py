"""The search finds among many what an exact one does, with vectors of the encoder that ships."""

from functools import cache

import numpy as np
import pytest
from helpdesk.understanding import load_encoder
from helpdesk.understanding.lexical import Floats

from infra.measuring.passage_search import grown, indexed, recall
from infra.teaching import encoders, knowledge_files, seed


@cache
def vectors() -> tuple[Floats, Floats]:
    """Return the vectors of 2,000 utterances, and those of 100 questions that are none of them."""
    encoder = load_encoder(encoders.folder())
    texts = [each for article in knowledge_files.read() for each in article.utterances]
    asked = [each.text for each in seed.golden()[:100]]
    return encoder.encode(texts[:: len(texts) // 2_000][:2_000]), encoder.encode(asked)


@pytest.mark.parametrize("count", [2_000, 20_000])
def test_of_the_ten_nearest_at_least_98_in_100_are_found(count: int) -> None:
    known, asked = vectors()
    passages = grown(known, count)

    found, of = recall(indexed(passages, "measured"), passages, asked)

    assert found >= 0.98 * of


def test_what_the_vectors_are_grown_to_is_no_further_apart_than_texts_are() -> None:
    """Vectors drawn by chance alone have no near neighbours, and every search finds those."""
    known, asked = vectors()
    nearest = (asked @ grown(known, 20_000).T).max(axis=1)

    assert np.median(nearest) > 0.5
