"""Vectors in Amazon S3 Vectors, for more passages than one process holds.

An index there can be changed, so what is in force is not said there: a vector has the digest of the
text that it was made of beside it, and who asks compares that.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import Any

AT_ONCE = 500
"""Vectors that one call puts or deletes: the service's limit."""

FETCHED = 100
"""Vectors that one call returns: the service's limit."""


@dataclass(frozen=True, slots=True)
class VectorIndex:
    """One index of cosines in the vector bucket `bucket`.

    Every method raises botocore's ClientError where the service refuses, and its HTTPClientError
    where the service does not answer.
    """

    client: Any
    bucket: str
    name: str

    def ensure(self, width: int) -> None:
        """Make the index for vectors of `width` numbers, if it is not there yet."""
        try:
            self.client.create_index(
                **self._named,
                dataType="float32",
                dimension=width,
                distanceMetric="cosine",
                metadataConfiguration={"nonFilterableMetadataKeys": ["digest", "version"]},
            )
        except self.client.exceptions.ConflictException:
            return

    def put(self, vectors: Iterable[tuple[str, Sequence[float], int, str]]) -> None:
        """Store vectors by their keys, each with the version and the digest of its text."""
        for some in batched(vectors, AT_ONCE, strict=False):
            self.client.put_vectors(
                **self._named,
                vectors=[
                    {
                        "key": key,
                        "data": {"float32": list(numbers)},
                        "metadata": {"version": version, "digest": digest},
                    }
                    for key, numbers, version, digest in some
                ],
            )

    def nearest(self, vector: Sequence[float], count: int) -> list[tuple[str, int, float]]:
        """Return the nearest vectors, FETCHED at most: key, version and cosine, best first."""
        found = self.client.query_vectors(
            **self._named,
            topK=min(count, FETCHED),
            queryVector={"float32": list(vector)},
            returnMetadata=True,
            returnDistance=True,
        )["vectors"]
        return [
            (each["key"], int(each["metadata"]["version"]), 1 - each["distance"]) for each in found
        ]

    def get(self, keys: Iterable[str]) -> Mapping[str, tuple[str, list[float]]]:
        """Return the digest and the numbers of vectors by their keys; only those that are there."""
        found: dict[str, tuple[str, list[float]]] = {}
        for some in batched(keys, FETCHED, strict=False):
            answer = self.client.get_vectors(
                **self._named, keys=list(some), returnData=True, returnMetadata=True
            )
            for each in answer["vectors"]:
                found[each["key"]] = (each["metadata"]["digest"], each["data"]["float32"])
        return found

    def delete(self, keys: Iterable[str]) -> None:
        """Delete vectors by their keys; those that are not there are no fault."""
        for some in batched(keys, AT_ONCE, strict=False):
            self.client.delete_vectors(**self._named, keys=list(some))

    @property
    def _named(self) -> dict[str, str]:
        return {"vectorBucketName": self.bucket, "indexName": self.name}
