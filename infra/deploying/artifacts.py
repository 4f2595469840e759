"""What is uploaded before a deployment: the zips that `template.yaml` names, and the template.

Each is put into a bucket under the digest of its content, and that address is written into the
template's `CodeUri` or `ContentUri`; nothing else changes on the way, neither for AWS nor for an
emulator.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from infra.deploying.operations import Say
from infra.paths import ROOT

TEMPLATE = ROOT / "template.yaml"
LOCAL_ZIP = re.compile(r"(?P<key>CodeUri|ContentUri): (?P<path>build/[\w-]+\.zip)")


@dataclass(frozen=True, slots=True)
class Artifacts:
    """The bucket of a stack's artifacts, and the region in which it is made."""

    s3: Any
    bucket: str
    region: str

    def with_addresses(self, say: Say) -> str:
        """Return the template with the address of every local zip, which is uploaded on the way."""
        self._make_bucket()

        def upload(match: re.Match[str]) -> str:
            path = ROOT / match["path"]
            key = f"{sha256(path)}/{path.name}"
            if not _exists(self.s3, self.bucket, key):
                say(f"uploading {path.name} ({path.stat().st_size / 2**20:.1f} MiB)")
                self.s3.upload_file(str(path), self.bucket, key)
            return f"{match['key']}: s3://{self.bucket}/{key}"

        return LOCAL_ZIP.sub(upload, TEMPLATE.read_text())

    def uploaded(self, template: str) -> str:
        """Return the address of a template.

        A template within the request may have 51,200 bytes, a template in a bucket a million.
        """
        body = template.encode()
        key = f"{hashlib.sha256(body).hexdigest()}/template.yaml"
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=body)
        return f"{self.s3.meta.endpoint_url}/{self.bucket}/{key}"

    def _make_bucket(self) -> None:
        try:
            self.s3.head_bucket(Bucket=self.bucket)
        except ClientError:
            where = (
                {}
                if self.region == "us-east-1"
                else {"CreateBucketConfiguration": {"LocationConstraint": self.region}}
            )
            self.s3.create_bucket(Bucket=self.bucket, **where)
            self.s3.put_public_access_block(
                Bucket=self.bucket,
                PublicAccessBlockConfiguration={
                    "BlockPublicAcls": True,
                    "BlockPublicPolicy": True,
                    "IgnorePublicAcls": True,
                    "RestrictPublicBuckets": True,
                },
            )


def digest_of(parameters: Mapping[str, str]) -> str:
    """Return a digest of everything that would be deployed: template, zips and parameters."""
    digest = hashlib.sha256(TEMPLATE.read_bytes())
    for match in LOCAL_ZIP.finditer(TEMPLATE.read_text()):
        digest.update(sha256(ROOT / match["path"]).encode())
    digest.update(repr(sorted(parameters.items())).encode())
    return digest.hexdigest()


def sha256(path: Path) -> str:
    """Return the digest of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _exists(s3: Any, bucket: str, key: str) -> bool:
    try:
        s3.head_object(Bucket=bucket, Key=key)
    except ClientError:
        return False
    return True
