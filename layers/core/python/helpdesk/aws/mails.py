"""The mails as they came, in a bucket of their own: objects below `inbound/`."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

INBOUND = "inbound/"
"""What the keys of mails that came in begin with."""


@dataclass(frozen=True, slots=True)
class StoredMails:
    """The mails in a bucket."""

    s3: "S3Client"
    bucket: str

    def fetch(self, key: str) -> bytes | None:
        """Return a mail, or None if the bucket no longer has it."""
        try:
            return self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        except self.s3.exceptions.NoSuchKey:
            return None

    def forget(self, key: str) -> None:
        """Delete a mail, if the bucket still has it."""
        if key.startswith(INBOUND):
            self.s3.delete_object(Bucket=self.bucket, Key=key)

    def store(self, name: str, data: bytes) -> str:
        """Store a mail that came in and return its key."""
        key = f"{INBOUND}{name}"
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=data)
        return key
