"""The bucket of customers' files: links into it, and what the desk does there itself.

A link is signed with signature version 4 and names one object. What it allows is in the signature:
a link that is changed or too old is refused by S3.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from helpdesk.files import (
    Attachment,
    Form,
    Stored,
    Verdict,
    disposition,
    folder_of,
    key_of,
)
from helpdesk.ports import ConflictError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

TAG = "GuardDutyMalwareScanStatus"
"""The tag in which GuardDuty's Malware Protection for S3 writes its verdict."""

_ENCRYPTION: Final = "AES256"
_GONE = {"404", "NoSuchKey", "NotFound"}
_OTHERWISE = {"412", "PreconditionFailed"}
_REFUSED = {"403", "AccessDenied"}
"""What S3 says of a content that the scanner has not found clean, where files are scanned."""


class S3Files:
    """Customers' files in a bucket. Links are made with the client `signing`."""

    def __init__(self, client: "S3Client", signing: "S3Client", bucket: str) -> None:
        self._client, self._signing, self._bucket = client, signing, bucket

    def form(self, file: Attachment, *, now: datetime) -> Form:
        """Return how the file may be sent until its link ends: of its type, no larger than said."""
        demanded = {
            "Content-Type": file.media_type,
            "x-amz-server-side-encryption": _ENCRYPTION,
        }
        made = self._signing.generate_presigned_post(
            self._bucket,
            key_of(file.ticket_id, file.number),
            Fields=demanded,
            Conditions=[
                *({name: value} for name, value in demanded.items()),
                ["content-length-range", 1, file.size],
            ],
            ExpiresIn=max(1, int((file.upload_until - now).total_seconds())),
        )
        return Form(made["url"], made["fields"], file.upload_until)

    def link(self, file: Attachment, *, life: timedelta) -> str:
        """Return where a browser can save the file for a time."""
        return self._signing.generate_presigned_url(
            "get_object",
            Params={
                **self._at(file.ticket_id, file.number),
                "ResponseContentDisposition": disposition(file.name),
                "ResponseContentType": "application/octet-stream",
                "ResponseCacheControl": "no-store",
            },
            ExpiresIn=int(life.total_seconds()),
        )

    def store(self, file: Attachment, content: bytes) -> None:
        """Keep the content of a file that was announced. Twice is as once."""
        self._client.put_object(
            **self._at(file.ticket_id, file.number),
            Body=content,
            ContentType=file.media_type,
            ServerSideEncryption=_ENCRYPTION,
        )

    def look(self, ticket_id: str, number: int) -> Stored | None:
        """Return what is stored of a file, or None if there is nothing.

        The bucket's list says it: a file that waits for the scanner refuses even its head.
        """
        key = key_of(ticket_id, number)
        # A key comes before those that it begins, so it is the first of them or is not there.
        found = self._client.list_objects_v2(Bucket=self._bucket, Prefix=key, MaxKeys=1)
        for each in found.get("Contents", []):
            if each["Key"] == key:
                return Stored(each["Size"], each["ETag"].strip('"'))
        return None

    def verdict(self, ticket_id: str, number: int) -> Verdict | None:
        """Return what the scanner for malware said of a file; None while it has said nothing."""
        try:
            tags = self._client.get_object_tagging(**self._at(ticket_id, number))["TagSet"]
        except ClientError as error:
            if _code(error) in _GONE:
                return None
            raise
        said = next((each["Value"] for each in tags if each["Key"] == TAG), None)
        if said is None:
            return None
        return Verdict(said) if said in set(Verdict) else Verdict.FAILED

    def read(self, ticket_id: str, number: int, stored: Stored) -> bytes:
        """Return the content that was looked at. Raises ConflictError if there is another now."""
        try:
            found = self._client.get_object(
                **self._at(ticket_id, number), IfMatch=f'"{stored.etag}"'
            )
        except ClientError as error:
            if _code(error) in _GONE | _OTHERWISE | _REFUSED:
                raise ConflictError("the file changed while it was read") from error
            raise
        return found["Body"].read()

    def discard(self, ticket_id: str, number: int) -> None:
        """Delete a file, with every version of it, if there is one."""
        self._delete(key_of(ticket_id, number), whole=True)

    def erase(self, ticket_id: str) -> None:
        """Delete every file of a ticket, with every version of it."""
        self._delete(folder_of(ticket_id), whole=False)

    def _delete(self, prefix: str, *, whole: bool) -> None:
        """Delete what begins with a prefix; if that is a `whole` key, only this one."""
        pages = self._client.get_paginator("list_object_versions")
        for page in pages.paginate(Bucket=self._bucket, Prefix=prefix):
            listed: list[Any] = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
            objects: list[Any] = [
                {"Key": each["Key"], "VersionId": each["VersionId"]}
                for each in listed
                if not whole or each["Key"] == prefix
            ]
            if objects:
                told = self._client.delete_objects(
                    Bucket=self._bucket, Delete={"Objects": objects, "Quiet": True}
                )
                if failed := told.get("Errors"):
                    raise RuntimeError(f"{len(failed)} file(s) are not deleted")

    def _at(self, ticket_id: str, number: int) -> dict[str, Any]:
        return {"Bucket": self._bucket, "Key": key_of(ticket_id, number)}


def _code(error: ClientError) -> str:
    return error.response["Error"]["Code"]
