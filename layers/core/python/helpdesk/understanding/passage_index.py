"""The vectors of the desk's passages in one immutable object, and the search in it.

A passage is one byte a dimension, with a scale of its own, and one bit a dimension that tells the
signs. The bits find the candidates, the bytes rank them. Texts are not in it: a passage is named
by its id, and its text is read where it is kept.

The object: MAGIC, the SHA-256 of all that follows, the length of the header, the header in JSON,
and the columns one after the other. Nothing of it is executed when it is read.
"""

import hashlib
import json
import struct
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from helpdesk.evidence import Passage, Place
from helpdesk.learning import Least
from helpdesk.understanding.lexical import Floats, Rows

MAGIC: Final = b"HDPASSG1"
MOST_PASSAGES: Final = 100_000
MOST_NAMED: Final = 1_000_000
"""Passages that an index without vectors names; those are in a service then."""

EXACT: Final = 4_096
"""Passages up to which all are ranked by their bytes; more cost more than bits do."""

RESCORED: Final = 1_000
"""Candidates that the bits leave. With 200 of 100,000 a twentieth of the nearest ten is missed."""

_SUM: Final = 32
_LENGTH: Final = struct.Struct("<I")
_START: Final = len(MAGIC) + _SUM + _LENGTH.size


class BrokenIndexError(ValueError):
    """The bytes are no index, or not a whole one; the message says what is wrong."""


class Hit(NamedTuple):
    """A passage near to a question: its id, its version then, and the cosine."""

    id: str
    version: int
    cosine: float


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of the object: its type, and how many values it has for each passage."""

    name: str
    dtype: str
    each: int


def _columns(width: int) -> tuple[_Column, ...]:
    """Return the columns in their order, those of wide types first: each is then aligned."""
    return (
        _Column("bits", "<u8", width // 64),
        _Column("digests", "<u8", 1),
        _Column("scales", "<f4", 1),
        _Column("versions", "<u4", 1),
        _Column("ends", "<u4", 1),
        _Column("vectors", "|i1", width),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Header:
    encoder: str
    width: int
    passages: int
    ids: int
    least: Least

    def __post_init__(self) -> None:
        _check_size(self.passages, self.width)


def _check_size(passages: int, width: int) -> None:
    most = MOST_PASSAGES if width else MOST_NAMED
    if not 0 <= passages <= most:
        raise ValueError(f"{passages} passages, an index holds {most}")


def digest(passage: Passage) -> int:
    """Return eight bytes that name what is encoded of a passage."""
    return int.from_bytes(hashlib.sha256(passage.text.encode()).digest()[:8], "little")


class Quantised(NamedTuple):
    """Vectors as an index keeps them: one byte a dimension, times the scale of its row."""

    rows: NDArray[np.int8]
    scales: Floats

    @classmethod
    def of(cls, vectors: Floats) -> Self:
        """Return vectors, (vectors, width), with the largest number of each at the end."""
        scales = np.maximum(np.abs(vectors).max(axis=1, initial=0), 1e-6) / 127
        scales = scales.astype(np.float32)
        return cls(np.rint(vectors / scales[:, None]).astype(np.int8), scales)


@dataclass(frozen=True)
class PassageIndex:
    """Up to MOST_PASSAGES passages, sorted by id; `encoder` made their vectors, if it has them.

    `least` is the cosine that admits a passage as evidence.
    """

    encoder: str
    width: int
    least: Least
    ids: bytes
    columns: Mapping[str, NDArray[Any]]

    @classmethod
    def of(
        cls,
        passages: Sequence[Passage],
        vectors: Quantised,
        *,
        encoder: str,
        least: Least | None = None,
    ) -> Self:
        """Return the index of passages with their vectors, one a passage.

        Raises ValueError for too many, for two of one id, or for a width no multiple of 64.
        """
        width = vectors.rows.shape[1]
        _check_size(len(passages), width)
        if width % 64:
            raise ValueError(f"a vector of {width} numbers does not fill its words of 64 bits")
        names = [passage.id.encode() for passage in passages]
        order = sorted(range(len(names)), key=names.__getitem__)
        ids = [names[row] for row in order]
        if twice := next((one for one, other in pairwise(ids) if one == other), None):
            raise ValueError(f"two passages have the id {twice.decode()}")
        at = np.array(order, np.intp)
        columns: dict[str, NDArray[Any]] = {
            "bits": np.ascontiguousarray(_bits(vectors.rows[at]).T),
            "digests": np.array([digest(passages[row]) for row in order], np.uint64),
            "scales": vectors.scales[at],
            "versions": np.array([passages[row].version for row in order], np.uint32),
            "ends": np.cumsum([len(each) for each in ids], dtype=np.uint32),
            "vectors": vectors.rows[at],
        }
        return cls(encoder, width, least or Least(), b"".join(ids), columns)

    @classmethod
    def without(cls, encoder: str, width: int) -> Self:
        """Return an index that has no passages."""
        none = Quantised(np.zeros((0, width), np.int8), np.zeros(0, np.float32))
        return cls.of((), none, encoder=encoder)

    def __len__(self) -> int:
        return len(self.columns["ends"])

    @cached_property
    def sources(self) -> Mapping[str, int]:
        """The version of each text that has passages here, by the text's id."""
        found: dict[str, int] = {}
        versions = self.columns["versions"].tolist()
        for row, version in enumerate(versions):
            if place := Place.of(self._id(row)):
                found[place.source] = version
        return found

    def nearest(self, vector: Floats, count: int) -> list[Hit]:
        """Return the `count` passages nearest to a vector that need not be of length 1."""
        length = float(np.linalg.norm(vector))
        if not len(self) or not length:
            return []
        unit = (vector / length).astype(np.float32)
        rows = self._candidates(unit)
        cosines = self._cosines(rows, unit)
        best = np.argsort(-cosines, kind="stable")[:count]
        versions = self.columns["versions"]
        return [
            Hit(self._id(row), int(versions[row]), float(cosine))
            for row, cosine in zip(rows[best].tolist(), cosines[best].tolist(), strict=True)
        ]

    def cosines(self, vector: Floats, passages: Iterable[Passage]) -> Mapping[str, float]:
        """Return the cosines of passages by their ids; only of those with just these words.

        `vector` need not be of length 1.
        """
        asked = ((each, self._row(each.id.encode())) for each in passages)
        digests = self.columns["digests"]
        rows = {
            each.id: row
            for each, row in asked
            if row is not None and int(digests[row]) == digest(each)
        }
        unit = (vector / (float(np.linalg.norm(vector)) or 1.0)).astype(np.float32)
        cosines = self._cosines(np.array(list(rows.values()), np.intp), unit)
        return dict(zip(rows, cosines.tolist(), strict=True))

    def known(self) -> Mapping[int, int]:
        """Return the row of each text that is encoded here, by its digest."""
        return {name: row for row, name in enumerate(self.columns["digests"].tolist())}

    def digests(self) -> Mapping[str, int]:
        """Return the digest of what is encoded of each passage, by the passage's id."""
        return {self._id(row): name for row, name in enumerate(self.columns["digests"].tolist())}

    def quantised(self, rows: Sequence[int]) -> Quantised:
        """Return the vectors of rows as they are kept."""
        at = np.array(rows, np.intp)
        return Quantised(self.columns["vectors"][at], self.columns["scales"][at])

    def admitting(self, least: Least) -> Self:
        """Return the index with another least cosine."""
        return type(self)(self.encoder, self.width, least, self.ids, self.columns)

    @cached_property
    def data(self) -> bytes:
        """The object; the same index gives the same bytes."""
        about = {
            "encoder": self.encoder,
            "width": self.width,
            "passages": len(self),
            "ids": len(self.ids),
            "least": asdict(self.least),
        }
        header = json.dumps(about, sort_keys=True).encode()
        header += b" " * (-(_START + len(header)) % 8)
        parts = [self.columns[each.name].tobytes() for each in _columns(self.width)]
        body = b"".join((_LENGTH.pack(len(header)), header, *parts, self.ids))
        return MAGIC + hashlib.sha256(body).digest() + body

    @cached_property
    def name(self) -> str:
        """Sixty-four hexadecimal digits that name the content."""
        return hashlib.sha256(self.data).hexdigest()

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Return the index that `data` wrote. Raises BrokenIndexError for anything else.

        The columns are read in place: they are views of the bytes.
        """
        header, body = _opened(data)
        kinds = _columns(header.width)
        sizes = [np.dtype(each.dtype).itemsize * each.each * header.passages for each in kinds]
        if header.width % 64 or sum(sizes) + header.ids != len(body):
            raise BrokenIndexError(
                f"{len(body)} bytes are not {header.passages} passages of {header.width} dimensions"
            )
        columns: dict[str, NDArray[Any]] = {}
        start = 0
        for each, size in zip(kinds, sizes, strict=True):
            columns[each.name] = np.frombuffer(body[start : start + size], each.dtype)
            start += size
        columns["bits"] = columns["bits"].reshape(header.width // 64, header.passages)
        columns["vectors"] = columns["vectors"].reshape(header.passages, header.width)
        ends = columns["ends"].astype(np.int64)
        if (np.diff(ends, prepend=0) < 0).any() or (ends[-1:] != header.ids).any():
            raise BrokenIndexError("the ends of its ids are not in order")
        return cls(header.encoder, header.width, header.least, bytes(body[start:]), columns)

    def _name(self, row: int) -> bytes:
        ends = self.columns["ends"]
        return self.ids[int(ends[row - 1]) if row else 0 : int(ends[row])]

    def _row(self, name: bytes) -> int | None:
        row = bisect_left(range(len(self)), name, key=self._name)
        return row if row < len(self) and self._name(row) == name else None

    def _id(self, row: int) -> str:
        return self._name(row).decode()

    def _candidates(self, unit: Floats) -> Rows:
        """Return the rows whose signs differ least from a vector's; all of them if they are few."""
        if len(self) <= EXACT:
            return np.arange(len(self))
        signs = _bits(unit[None, :])[0]
        differing = np.zeros(len(self), np.uint16)
        for theirs, ours in zip(self.columns["bits"], signs, strict=True):
            differing += np.bitwise_count(theirs ^ ours)
        return np.argpartition(differing, RESCORED)[:RESCORED]

    def _cosines(self, rows: Rows, unit: Floats) -> Floats:
        cosines: Floats = self._floats(rows) @ unit
        return np.clip(cosines, -1, 1)

    def _floats(self, rows: Rows) -> Floats:
        scaled: Floats = self.columns["vectors"][rows].astype(np.float32)
        scaled *= self.columns["scales"][rows, None]
        return scaled


def _opened(data: bytes) -> tuple[_Header, memoryview]:
    """Return the header of an index and what follows it. Raises BrokenIndexError."""
    if data[: len(MAGIC)] != MAGIC:
        raise BrokenIndexError("it does not begin as an index of passages does")
    summed = len(MAGIC) + _SUM
    if hashlib.sha256(memoryview(data)[summed:]).digest() != data[len(MAGIC) : summed]:
        raise BrokenIndexError("its checksum is another one: it is damaged or cut off")
    try:
        (length,) = _LENGTH.unpack_from(data, summed)
        about = json.loads(data[_START : _START + length])
        header = _Header(**{**about, "least": Least(**about["least"])})
    except (ValueError, KeyError, TypeError, struct.error) as error:
        raise BrokenIndexError(f"its header cannot be read: {error!r}") from error
    return header, memoryview(data)[_START + length :]


def _bits(rows: NDArray[Any]) -> NDArray[np.uint64]:
    """Return the signs of vectors, (vectors, width / 64)."""
    if not rows.shape[1]:
        return np.zeros((len(rows), 0), np.uint64)
    return np.packbits(rows > 0, axis=1, bitorder="little").view("<u8")
