"""What a search among passages costs and finds, by how many there are.

    python -m infra.measuring.passage_search

The vectors are those of the starter knowledge's utterances and, beyond them, mixtures of two with
noise: no vectors are drawn by chance alone, which would be far from each other as no texts are.
The questions are the golden set's.
"""

from collections.abc import Iterator
from functools import partial
from statistics import median
from typing import Final

import numpy as np
from helpdesk.evidence import Origin, Passage
from helpdesk.understanding import load_encoder
from helpdesk.understanding.lexical import Floats
from helpdesk.understanding.passage_index import PassageIndex, Quantised

from infra.measuring.durations import timed
from infra.measuring.row import Bar, Row, written
from infra.teaching import encoders, knowledge_files, seed

SIZES: Final = (1_000, 10_000, 100_000)
UTTERANCES: Final = 4_000
QUESTIONS: Final = 200
NEAREST: Final = 10

MOST_SECONDS: Final = 0.040
MOST_BYTES: Final = 60e6
LEAST_RECALL: Final = 0.98

SAID = (
    "`infra/measuring/passage_search.py`: one question at a time, against one product of the same",
    f"vectors in single precision; recall is of the {NEAREST} nearest by that product. The ratio",
    "is what travels to another machine.",
)


def rows() -> Iterator[Row]:
    """Measure indexes of each size in turn."""
    encoder = load_encoder(encoders.folder())
    texts = [each for article in knowledge_files.read() for each in article.utterances]
    step = max(1, len(texts) // UTTERANCES)
    known = _kept(encoder.encode(texts[::step][:UTTERANCES]))
    asked = _kept(encoder.encode([each.text for each in seed.golden()[:QUESTIONS]]))
    for size in SIZES:
        yield from _measured(grown(known, size), asked, encoder.identity)


def grown(vectors: Floats, count: int, *, seed: int = 1) -> Floats:
    """Return `count` unit vectors: the given ones, then mixtures of two of them with noise."""
    drawn = np.random.default_rng(seed)
    more = max(0, count - len(vectors))
    one, other = drawn.integers(len(vectors), size=(2, more))
    share = drawn.uniform(0, 0.5, size=(more, 1)).astype(np.float32)
    noise = drawn.normal(0, 0.02, size=(more, vectors.shape[1])).astype(np.float32)
    mixed = (1 - share) * vectors[one] + share * vectors[other] + noise
    mixed /= np.linalg.norm(mixed, axis=1, keepdims=True)
    return np.concatenate([vectors[:count], mixed])


def indexed(vectors: Floats, encoder: str) -> PassageIndex:
    """Return the index of passages that have these vectors."""
    passages = [
        Passage(
            id=f"document:measured_{row // 50}:{row % 50 + 1}",
            origin=Origin.DOCUMENT,
            version=1,
            title="",
            text=str(row),
        )
        for row in range(len(vectors))
    ]
    return PassageIndex.of(passages, Quantised.of(vectors), encoder=encoder)


def recall(index: PassageIndex, vectors: Floats, asked: Floats) -> tuple[int, int]:
    """Return how many of the nearest by exact products the index finds, and of how many."""
    named = {f"document:measured_{row // 50}:{row % 50 + 1}": row for row in range(len(vectors))}
    found = 0
    for question in asked:
        exact = set(np.argsort(-(vectors @ question))[:NEAREST].tolist())
        found += len(exact & {named[hit.id] for hit in index.nearest(question, NEAREST)})
    return found, NEAREST * len(asked)


def _exactly(vectors: Floats, question: Floats) -> list[int]:
    """Return the rows of the nearest vectors by whole products, nearest first."""
    return [int(row) for row in np.argsort(-(vectors @ question))[:NEAREST]]


def _measured(vectors: Floats, asked: Floats, encoder: str) -> Iterator[Row]:
    index = PassageIndex.from_bytes(indexed(vectors, encoder).data)
    opened, _ = timed(lambda: PassageIndex.from_bytes(index.data))
    seconds = [timed(partial(index.nearest, each, NEAREST))[0] for each in asked]
    exactly = [timed(partial(_exactly, vectors, each))[0] for each in asked]
    a_query, product = median(seconds), median(exactly)
    found, of = recall(index, vectors, asked)
    largest = len(vectors) == SIZES[-1]
    size = len(index.data)
    what = f"{len(vectors):,} passages"
    yield Row(
        f"{what}, one query",
        f"p50 {a_query * 1000:.1f} ms, {a_query / product:.2f} of exact, "
        f"at most {max(seconds) * 1000:.1f} ms; opened in {opened * 1000:.0f} ms",
        Bar(f"≤ {MOST_SECONDS * 1000:.0f} ms", a_query <= MOST_SECONDS) if largest else None,
    )
    yield Row(
        f"{what}, size",
        f"{size / 1e6:.1f} MB",
        Bar(f"≤ {MOST_BYTES / 1e6:.0f} MB", size <= MOST_BYTES) if largest else None,
    )
    yield Row(
        f"{what}, recall",
        f"{found} of {of}: {found / of:.4f}",
        Bar(f"≥ {LEAST_RECALL}", found >= LEAST_RECALL * of),
    )


def _kept(vectors: Floats) -> Floats:
    """Return the vectors that have a direction."""
    return vectors[np.linalg.norm(vectors, axis=1) > 0]


if __name__ == "__main__":
    print("\n".join([*SAID, "", *written(rows())]))
