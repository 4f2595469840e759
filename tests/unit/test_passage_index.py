"""The index of passages: what is in it comes out, and what is broken is refused."""

import hashlib
import json
import struct
from collections.abc import Callable

import numpy as np
import pytest
from helpdesk.evidence import Origin, Passage
from helpdesk.learning import Least
from helpdesk.understanding.lexical import Floats
from helpdesk.understanding.passage_index import (
    EXACT,
    MAGIC,
    MOST_PASSAGES,
    RESCORED,
    BrokenIndexError,
    PassageIndex,
    Quantised,
    digest,
)

WIDTH = 384
LEAST = Least(value=0.47, admitted=4, strangers=60, answered=30, asked=80)


def a_passage(number: int, *, version: int = 1) -> Passage:
    return Passage(
        id=f"document:terms:{number}",
        origin=Origin.DOCUMENT,
        version=version,
        title="Terms",
        text=f"Sentence {number}.",
    )


def some_vectors(count: int, seed: int = 1) -> Floats:
    found = np.random.default_rng(seed).normal(size=(count, WIDTH)).astype(np.float32)
    unit: Floats = found / np.linalg.norm(found, axis=1, keepdims=True)
    return unit


def an_index(count: int, *, least: Least = LEAST) -> PassageIndex:
    return PassageIndex.of(
        [a_passage(number) for number in range(1, count + 1)],
        Quantised.of(some_vectors(count)),
        encoder="sentence-1",
        least=least,
    )


def resealed(data: bytes) -> bytes:
    """Return changed bytes with the checksum that they ask for."""
    start = len(MAGIC) + 32
    return MAGIC + hashlib.sha256(data[start:]).digest() + data[start:]


def with_header(data: bytes, **changed: object) -> bytes:
    start = len(MAGIC) + 32
    (length,) = struct.unpack_from("<I", data, start)
    about = json.loads(data[start + 4 : start + 4 + length]) | changed
    header = json.dumps(about).encode()
    body = struct.pack("<I", len(header)) + header + data[start + 4 + length :]
    return resealed(MAGIC + bytes(32) + body)


@pytest.mark.parametrize("count", [0, 1, 7, 300])
def test_what_is_written_is_read_again(count: int) -> None:
    index = an_index(count)
    question = some_vectors(1, seed=9)[0]

    again = PassageIndex.from_bytes(index.data)

    assert (again.encoder, again.width, again.least) == ("sentence-1", WIDTH, LEAST)
    assert len(again) == count
    assert again.nearest(question, 5) == index.nearest(question, 5)
    assert again.data == index.data


def test_the_order_in_which_passages_come_makes_no_other_object() -> None:
    passages = [a_passage(number) for number in range(1, 51)]
    vectors = some_vectors(50)
    straight = PassageIndex.of(passages, Quantised.of(vectors), encoder="e")
    turned = PassageIndex.of(passages[::-1], Quantised.of(vectors[::-1]), encoder="e")

    assert straight.data == turned.data


def test_vectors_that_are_taken_over_from_an_index_are_the_same_to_the_bit() -> None:
    index = an_index(40)
    passages = [a_passage(number) for number in range(1, 41)]
    known = index.known()
    rows = [known[digest(each)] for each in passages]
    again = PassageIndex.of(passages, index.quantised(rows), encoder="sentence-1", least=LEAST)

    assert again.data == index.data


def test_a_small_index_ranks_as_the_vectors_themselves_do() -> None:
    vectors = some_vectors(EXACT)
    index = an_index(EXACT)
    for question in some_vectors(20, seed=2):
        exact = vectors @ question
        rows = np.argsort(-exact)[:10]
        found = index.nearest(question, 10)

        # Two that are nearer to each other than a rounding may change places.
        assert all(
            abs(hit.cosine - exact[row]) < 0.002 for hit, row in zip(found, rows, strict=True)
        )
        assert found[0].id == f"document:terms:{rows[0] + 1}"


def test_a_passage_finds_itself_whether_all_are_ranked_or_candidates_alone() -> None:
    for count in (EXACT, EXACT + RESCORED):
        index, vectors = an_index(count), some_vectors(count)
        for row in (0, 17, count - 1):
            (hit,) = index.nearest(vectors[row] * 3, 1)

            assert hit.id == f"document:terms:{row + 1}"
            assert hit.cosine == pytest.approx(1, abs=0.001)


def test_a_question_without_a_vector_is_near_to_nothing() -> None:
    assert an_index(5).nearest(np.zeros(WIDTH, np.float32), 5) == []


def test_a_text_without_a_vector_is_no_fault() -> None:
    vectors = some_vectors(2)
    vectors[1] = 0
    index = PassageIndex.of([a_passage(1), a_passage(2)], Quantised.of(vectors), encoder="e")

    assert [hit.cosine for hit in index.nearest(vectors[0], 2)] == pytest.approx([1, 0], abs=0.01)


def test_an_index_knows_the_version_of_each_text_it_was_made_of() -> None:
    article = Passage(
        id="article:refund:2", origin=Origin.ARTICLE, version=7, title="Refund", text="Soon."
    )
    passages = [article, a_passage(1, version=3), a_passage(2, version=3)]
    index = PassageIndex.of(passages, Quantised.of(some_vectors(3)), encoder="e")

    assert index.sources == {"article:refund": 7, "document:terms": 3}


def test_a_hundred_thousand_passages_are_at_most_sixty_megabytes() -> None:
    """A passage costs the same in every index, so the size of the largest follows from two."""
    few, more = (len(an_index(count).data) for count in (1_000, 2_000))
    longest_id = len("reply:0123456789abcdef:123456:123456")
    a_passage_each = (more - few) / 1_000 + longest_id

    assert a_passage_each * MOST_PASSAGES <= 60e6


def test_the_columns_of_an_index_that_was_read_are_its_bytes_and_no_copies() -> None:
    index = PassageIndex.from_bytes(an_index(100).data)

    assert not any(column.flags.owndata for column in index.columns.values())


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (lambda _: b"", "does not begin"),
        (lambda data: b"PK\x03\x04" + data, "does not begin"),
        (lambda data: data[:-1], "damaged or cut off"),
        (lambda data: data + b"\0", "damaged or cut off"),
        (lambda data: data[:200] + b"\xff" + data[201:], "damaged or cut off"),
        (lambda data: resealed(data[:-1]), "are not 20 passages"),
        (lambda data: resealed(data + b"\0"), "are not 20 passages"),
        (lambda data: resealed(data[:45]), "header cannot be read"),
        (lambda data: resealed(data[:41]), "header cannot be read"),
        (lambda data: with_header(data, passages=21), "are not 21 passages"),
        (lambda data: with_header(data, passages=-1), "header cannot be read"),
        (lambda data: with_header(data, passages=MOST_PASSAGES + 1), "header cannot be read"),
        (lambda data: with_header(data, width=192), "dimensions"),
        (lambda data: with_header(data, least={"valu": 1}), "header cannot be read"),
        (lambda data: with_header(data, more=1), "header cannot be read"),
    ],
)
def test_what_is_no_whole_index_is_refused(broken: Callable[[bytes], bytes], told: str) -> None:
    with pytest.raises(BrokenIndexError, match=told):
        PassageIndex.from_bytes(broken(an_index(20).data))


def test_ids_that_end_before_they_begin_are_refused() -> None:
    index = an_index(3)
    ends = index.columns["ends"].copy()
    ends[1] = 0
    odd = PassageIndex(
        index.encoder, index.width, index.least, index.ids, {**index.columns, "ends": ends}
    )

    with pytest.raises(BrokenIndexError, match="in order"):
        PassageIndex.from_bytes(odd.data)


def test_two_passages_of_one_id_make_no_index() -> None:
    with pytest.raises(ValueError, match="document:terms:1"):
        PassageIndex.of([a_passage(1)] * 2, Quantised.of(some_vectors(2)), encoder="e")


def test_more_passages_than_one_process_holds_make_no_index() -> None:
    with pytest.raises(ValueError, match="an index holds 100000"):
        PassageIndex.of([a_passage(1)] * 100_001, Quantised.of(some_vectors(1)), encoder="e")
