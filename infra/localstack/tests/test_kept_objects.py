"""Objects on disk, through boto3: what was stored is there after `kill -9` and a new deployment."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests
from botocore.config import Config
from botocore.exceptions import ClientError
from infra import emulator
from infra.emulator.processes import Record
from running import Aws, free_port, start

pytestmark = pytest.mark.live


@pytest.fixture
def restart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Starts LocalStack, or kills it and starts it again; returns a client of S3."""
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    state, port = tmp_path / "state", free_port()

    def again(region: str = "eu-west-1") -> Any:
        if (record := Record.read(state)) is not None:
            os.kill(record.pid, signal.SIGKILL)
        endpoint = start(state, port)
        return boto3.client(
            "s3",
            endpoint_url=endpoint.url,
            region_name=region,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(s3={"addressing_style": "path"}),
        )

    again.kept = state / "objects"
    yield again
    emulator.stop(state, say=lambda _line: None)


def create(s3: Any, *, versioned: bool) -> None:
    s3.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    if versioned:
        s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})


def read(s3: Any, key: str, **options: Any) -> bytes:
    body: bytes = s3.get_object(Bucket="bucket", Key=key, **options)["Body"].read()
    return body


def test_objects_return_when_their_bucket_does(restart: Any) -> None:
    s3 = restart()
    create(s3, versioned=False)
    large = os.urandom(3_000_000)
    s3.put_object(
        Bucket="bucket", Key="model/ż.bin", Body=large, ContentType="a/b", Metadata={"m": "1"}
    )
    s3.put_object(Bucket="bucket", Key="twice", Body=b"old")
    s3.put_object(Bucket="bucket", Key="twice", Body=b"new")
    s3.put_object(Bucket="bucket", Key="gone", Body=b"x")
    s3.put_object(Bucket="bucket", Key="gone too", Body=b"x")
    s3.delete_object(Bucket="bucket", Key="gone")
    s3.delete_objects(Bucket="bucket", Delete={"Objects": [{"Key": "gone too"}]})
    s3.copy_object(Bucket="bucket", Key="copy", CopySource="bucket/twice")
    form = s3.generate_presigned_post("bucket", "sent/1")
    sent = requests.post(form["url"], form["fields"], files={"file": b"by form"}, timeout=10)
    assert sent.status_code == 204
    upload = s3.create_multipart_upload(Bucket="bucket", Key="parts")["UploadId"]
    parts = [
        {
            "PartNumber": n,
            "ETag": s3.upload_part(
                Bucket="bucket", Key="parts", UploadId=upload, PartNumber=n, Body=body
            )["ETag"],
        }
        for n, body in ((1, b"a" * 5 * 1024 * 1024), (2, b"b"))
    ]
    s3.complete_multipart_upload(
        Bucket="bucket", Key="parts", UploadId=upload, MultipartUpload={"Parts": parts}
    )
    before = {
        entry["Key"]: entry["ETag"] for entry in s3.list_objects_v2(Bucket="bucket")["Contents"]
    }

    s3 = restart()
    with pytest.raises(ClientError, match="NoSuchBucket"):
        s3.list_objects_v2(Bucket="bucket")
    create(s3, versioned=False)
    listed = s3.list_objects_v2(Bucket="bucket")["Contents"]
    assert {entry["Key"]: entry["ETag"] for entry in listed} == before
    assert set(before) == {"model/ż.bin", "twice", "copy", "parts", "sent/1"}
    assert read(s3, "sent/1") == b"by form"
    found = s3.get_object(Bucket="bucket", Key="model/ż.bin")
    assert found["Body"].read() == large
    assert (found["ContentType"], found["Metadata"]) == ("a/b", {"m": "1"})
    assert (read(s3, "twice"), read(s3, "copy")) == (b"new", b"new")
    assert read(s3, "parts")[-2:] == b"ab"
    s3.put_object(Bucket="bucket", Key="twice", Body=b"newest")

    s3 = restart()
    create(s3, versioned=False)
    assert read(s3, "twice") == b"newest"
    assert read(s3, "model/ż.bin") == large


def test_versions_return(restart: Any) -> None:
    s3 = restart()
    create(s3, versioned=True)
    first = s3.put_object(Bucket="bucket", Key="k", Body=b"1")["VersionId"]
    second = s3.put_object(Bucket="bucket", Key="k", Body=b"2")["VersionId"]
    s3.put_object(Bucket="bucket", Key="marked", Body=b"x")
    s3.delete_object(Bucket="bucket", Key="marked")

    s3 = restart()
    create(s3, versioned=True)
    assert read(s3, "k") == b"2"
    assert read(s3, "k", VersionId=first) == b"1"
    with pytest.raises(ClientError, match="NoSuchKey"):
        read(s3, "marked")
    listed = s3.list_object_versions(Bucket="bucket")
    assert [entry["VersionId"] for entry in listed["Versions"] if entry["Key"] == "k"] == [
        second,
        first,
    ]
    assert [entry["Key"] for entry in listed["DeleteMarkers"]] == ["marked"]
    s3.delete_object(Bucket="bucket", Key="k", VersionId=second)

    s3 = restart()
    create(s3, versioned=True)
    assert read(s3, "k") == b"1"


def test_a_bucket_deleted_and_created_again_is_empty(restart: Any) -> None:
    s3 = restart()
    create(s3, versioned=False)
    s3.put_object(Bucket="bucket", Key="k", Body=b"1")
    s3.delete_object(Bucket="bucket", Key="k")
    s3.delete_bucket(Bucket="bucket")
    create(s3, versioned=False)
    s3 = restart()
    create(s3, versioned=False)
    assert "Contents" not in s3.list_objects_v2(Bucket="bucket")


def test_created_again_while_it_is_there_it_stays_as_it_is(restart: Any) -> None:
    """In us-east-1 that is no error; and the code of functions is not kept at all."""
    s3 = restart(region="us-east-1")
    s3.create_bucket(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key="k", Body=b"1")
    s3.create_bucket(Bucket="bucket")
    assert read(s3, "k") == b"1"
    aws = Aws(s3.meta.endpoint_url)
    aws.function("def handler(event, context): return 1")
    assert [path.name for path in restart.kept.iterdir()] == ["bucket"]
