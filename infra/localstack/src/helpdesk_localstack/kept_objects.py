"""The objects of all buckets, kept on disk across restarts and crashes of LocalStack.

As with tables, buckets are the template's business: a bucket that is created under its old name
gets its objects back before its creator hears that it exists, all versions of them if it had
versions. Every key has a folder of its own: the data of each version in a file, and `versions`,
which names them and is replaced as a whole. Tags of objects are not kept, and neither are the
buckets in which LocalStack itself puts the code of functions.
"""

from __future__ import annotations

import hashlib
import logging
import pickle
import shutil
import threading
import uuid
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from localstack import config
from localstack.services.s3.models import (
    KeyStore,
    S3Bucket,
    S3DeleteMarker,
    S3Object,
    VersionedKeyStore,
    s3_stores,
)

if TYPE_CHECKING:
    from localstack.aws.skeleton import DispatchTable
    from localstack.services.s3.storage import S3ObjectStore

LOG = logging.getLogger(__name__)

_VERSIONS = "versions"
# Operations that change one object, and those that may change any object of the bucket.
_ONE = {
    "PutObject",
    "CopyObject",
    "CompleteMultipartUpload",
    "DeleteObject",
    "PutObjectAcl",
    "PutObjectLegalHold",
    "PutObjectRetention",
    "RestoreObject",
}
_ANY = {"DeleteObjects", "PostObject", "PutBucketVersioning"}


@dataclass(frozen=True)
class _Version:
    """One version as it lies on disk: LocalStack's own description, and the file of its data."""

    described: S3Object | S3DeleteMarker
    data: str | None


class KeptObjects:
    """Keeps in `folder` what `storage` and LocalStack's buckets hold."""

    def __init__(self, folder: Path, storage: S3ObjectStore) -> None:
        self._folder = folder
        self._storage = storage
        self._lock = threading.Lock()
        self._filled: weakref.WeakSet[S3Bucket] = weakref.WeakSet()
        # Which file holds the data of an object. LocalStack makes a new object for new data.
        self._data: weakref.WeakKeyDictionary[S3Object, str] = weakref.WeakKeyDictionary()

    def keep(self, bucket: S3Bucket, key: str) -> None:
        """Write what the bucket holds under a key, or remove it. It is with the system then."""
        with self._lock:
            folder = self._folder_of(bucket.name, key)
            versions = [
                _Version(described, self._keep_data(bucket, described, folder))
                for described in _versions(bucket, key)
            ]
            if not versions:
                shutil.rmtree(folder, ignore_errors=True)
                return
            partial = folder / f"{_VERSIONS}.partial"
            partial.write_bytes(pickle.dumps((bucket.versioning_status, versions)))
            partial.replace(folder / _VERSIONS)
            named = {_VERSIONS, *(version.data for version in versions)}
            for path in folder.iterdir():
                if path.name not in named:
                    path.unlink()

    def keep_all(self, bucket: S3Bucket) -> None:
        """`keep` for every key that the bucket has or had."""
        keys = {item.key for item in bucket.objects.values(with_versions=True)}
        kept = {self._folder_of(bucket.name, key) for key in keys}
        for key in sorted(keys):
            self.keep(bucket, key)
        for folder in self._folders(bucket.name):
            if folder not in kept:
                shutil.rmtree(folder)

    def fill(self, bucket: S3Bucket) -> None:
        """Give a new bucket the objects that its namesake had; others have them already."""
        with self._lock:
            if bucket in self._filled:
                return
            self._filled.add(bucket)
        restored = 0
        for folder in self._folders(bucket.name):
            try:
                # Written by this class, in the folder of this user.
                status, versions = pickle.loads((folder / _VERSIONS).read_bytes())  # noqa: S301
            except FileNotFoundError:  # its first write was cut short: it was never answered
                shutil.rmtree(folder)
                continue
            if status and isinstance(bucket.objects, KeyStore):
                bucket.objects = VersionedKeyStore.from_key_store(bucket.objects)
                bucket.versioning_status = status
            for version in versions:
                self._restore(bucket, version, folder)
            restored += 1
        if restored:
            LOG.warning("bucket %s restored: %d objects", bucket.name, restored)

    def forget(self, name: str) -> None:
        """Forget a bucket that was deleted."""
        shutil.rmtree(self._folder / name, ignore_errors=True)

    def _restore(self, bucket: S3Bucket, version: _Version, folder: Path) -> None:
        described = version.described
        if isinstance(described, S3Object) and version.data is not None:
            etag = described.etag  # that of parts is no sum of the data, which writing computes
            with (
                (folder / version.data).open("rb") as data,
                self._storage.open(bucket.name, described, mode="w") as stored,
            ):
                stored.write(data)
            described.etag = etag
            self._data[described] = version.data
        objects: Any = bucket.objects
        objects.set(described.key, described)

    def _keep_data(
        self, bucket: S3Bucket, described: S3Object | S3DeleteMarker, folder: Path
    ) -> str | None:
        folder.mkdir(parents=True, exist_ok=True)
        if isinstance(described, S3DeleteMarker):
            return None
        known = self._data.get(described)
        if known is not None and (folder / known).exists():
            return known
        name = uuid.uuid4().hex
        with (
            self._storage.open(bucket.name, described, mode="r") as stored,
            (folder / name).open("wb") as data,
        ):
            for chunk in stored:
                data.write(chunk)
        self._data[described] = name
        return name

    def _folder_of(self, bucket: str, key: str) -> Path:
        return self._folder / bucket / hashlib.sha256(key.encode()).hexdigest()

    def _folders(self, bucket: str) -> list[Path]:
        parent = self._folder / bucket
        return sorted(parent.iterdir()) if parent.exists() else []


def keeping(table: DispatchTable, kept: KeptObjects) -> DispatchTable:
    """The operations of S3, with what they change kept before they are answered."""
    result: dict[str, Any] = dict(table)

    def then(operation: str, keep: Callable[[S3Bucket, Any], None]) -> None:
        stock = result[operation]

        def call(context: Any, request: Any) -> Any:
            answer = stock(context, request)
            if context.account_id != config.INTERNAL_RESOURCE_ACCOUNT:
                keep(_bucket(context, request["Bucket"]), request)
            return answer

        result[operation] = call

    def delete_bucket(context: Any, request: Any) -> Any:
        answer = table["DeleteBucket"](context, request)
        kept.forget(request["Bucket"])
        return answer

    for operation in _ONE:
        then(operation, lambda bucket, request: kept.keep(bucket, request["Key"]))
    for operation in _ANY:
        then(operation, lambda bucket, _request: kept.keep_all(bucket))
    then("CreateBucket", lambda bucket, _request: kept.fill(bucket))
    return {**result, "DeleteBucket": delete_bucket}


def _bucket(context: Any, name: str) -> S3Bucket:
    found: S3Bucket = s3_stores[context.account_id][context.region].buckets[name]
    return found


def _versions(bucket: S3Bucket, key: str) -> list[S3Object | S3DeleteMarker]:
    if isinstance(bucket.objects, KeyStore):
        found = bucket.objects.get(key)
        return [found] if found is not None else []
    return list(bucket.objects._store.get(key, {}).values())
