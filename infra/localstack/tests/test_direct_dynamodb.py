"""DynamoDB answered before the gateway's chain: the same answers, refusals and promises."""

from __future__ import annotations

import http.client
import json
import urllib.parse
import uuid
import zlib
from typing import Any

import pytest
from botocore.exceptions import ClientError
from running import Aws

from helpdesk_localstack.transaction_tokens import Tokens

# What a browser adds, and what the chain has to judge.
CHAIN = {"Origin": "https://app.localstack.cloud"}


def call(
    aws: Aws, operation: str, body: Any, **headers: str
) -> tuple[int, dict[str, Any], dict[str, str]]:
    """One request as it is on the wire: status, document and headers of the answer."""
    place = urllib.parse.urlsplit(aws.url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port)
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    connection.request(
        "POST",
        "/",
        raw,
        {
            "X-Amz-Target": f"DynamoDB_20120810.{operation}",
            "Content-Type": "application/x-amz-json-1.0",
            "Authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/dynamodb/"
            "aws4_request, SignedHeaders=host, Signature=0",
            **headers,
        },
    )
    with connection.getresponse() as answer:
        content = answer.read()
        seen = {name.lower(): value for name, value in answer.getheaders()}
        assert int(seen.get("x-amz-crc32", zlib.crc32(content))) == zlib.crc32(content)
        return answer.status, json.loads(content), seen


@pytest.fixture
def table(aws: Aws) -> str:
    name = aws.table()
    aws.dynamodb.put_item(
        TableName=name,
        Item={"pk": {"S": "p"}, "n": {"N": "1.50"}, "b": {"B": b"\x00\xff"}, "l": {"L": []}},
    )
    return name


QUESTIONS: list[tuple[str, dict[str, Any]]] = [
    ("GetItem", {"Key": {"pk": {"S": "p"}}}),
    ("GetItem", {"Key": {"pk": {"S": "none"}}}),
    ("GetItem", {"Key": {"pk": {"S": "p"}}, "ReturnConsumedCapacity": "TOTAL"}),
    ("GetItem", {"Key": {"pk": {"S": "p"}}, "ReturnConsumedCapacity": "MUCH"}),
    ("GetItem", {"Key": {"other": {"S": "p"}}}),
    ("GetItem", {"Key": {"pk": {"S": "p"}}, "ProjectionExpression": "n, b"}),
    ("Scan", {"FilterExpression": "n = :n", "ExpressionAttributeValues": {":n": {"N": "2"}}}),
    ("PutItem", {"Item": {"pk": {"N": "1"}}}),
    ("PutItem", {"Item": {"pk": {"S": "p"}}, "ConditionExpression": "attribute_not_exists(pk)"}),
    ("PutItem", {"Item": {"pk": {"S": ""}}}),
    ("PutItem", {"Item": {"pk": {"S": "large"}, "v": {"S": "x" * 500_000}}}),
    ("UpdateItem", {"Key": {"pk": {"S": "p"}}, "UpdateExpression": "SET pk = :v"}),
    ("UpdateItem", {"Key": {"pk": {"S": "p"}}, "UpdateExpression": "SET ) ("}),
    ("Query", {"KeyConditionExpression": "nonsense"}),
    (
        "Query",
        {
            "IndexName": "none",
            "KeyConditionExpression": "pk = :p",
            "ExpressionAttributeValues": {":p": {"S": "p"}},
        },
    ),
    (
        "DeleteItem",
        {
            "Key": {"pk": {"S": "p"}},
            "ConditionExpression": "n = :n",
            "ExpressionAttributeValues": {":n": {"N": "7"}},
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        },
    ),
]


@pytest.mark.live
@pytest.mark.parametrize(("operation", "question"), QUESTIONS, ids=lambda x: str(x)[:40])
def test_answers_as_the_chain_does(
    aws: Aws, table: str, operation: str, question: dict[str, Any]
) -> None:
    direct = call(aws, operation, {"TableName": table, **question})
    through = call(aws, operation, {"TableName": table, **question}, **CHAIN)
    assert through[0] == direct[0]
    assert without_prefix(through[1]) == without_prefix(direct[1])
    assert direct[2]["content-type"] == "application/x-amz-json-1.0"
    assert direct[2]["x-amzn-requestid"]


def without_prefix(document: dict[str, Any]) -> dict[str, Any]:
    """The chain shortens the type of an error, and both forms are read alike by every SDK."""
    kind = document.get("__type", "").rpartition("#")[2]
    lowered = {name.lower(): value for name, value in document.items()}
    return {**lowered, "__type": kind}


@pytest.mark.live
def test_it_is_really_answered_directly(aws: Aws, table: str) -> None:
    """The chain adds headers for browsers to each answer."""
    question = {"TableName": table, "Key": {"pk": {"S": "p"}}}
    assert "access-control-allow-origin" not in call(aws, "GetItem", question)[2]
    assert "access-control-allow-origin" in call(aws, "GetItem", question, **CHAIN)[2]


@pytest.mark.live
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{", "SerializationException"),
        (b"[]", "SerializationException"),
        (b'{"Key": {"pk": {"S": "p"}}}', "ValidationException"),
        (b'{"TableName": 7, "Key": {"pk": {"S": "p"}}}', "ValidationException"),
        (b'{"TableName": "none-such", "Key": {"pk": {"S": "p"}}}', "ResourceNotFoundException"),
    ],
)
def test_bad_requests_are_refused(aws: Aws, table: str, body: bytes, kind: str) -> None:  # noqa: ARG001
    status, document, _ = call(aws, "GetItem", body)
    assert status == 400
    assert document["__type"].endswith(kind)


@pytest.mark.live
def test_a_token_is_known_on_both_ways(aws: Aws, table: str) -> None:
    update = {
        "TableName": table,
        "Key": {"pk": {"S": "p"}},
        "UpdateExpression": "ADD n :one",
        "ExpressionAttributeValues": {":one": {"N": "1"}},
    }
    transaction = {"TransactItems": [{"Update": update}], "ClientRequestToken": uuid.uuid4().hex}
    assert call(aws, "TransactWriteItems", transaction)[0] == 200
    assert call(aws, "TransactWriteItems", transaction, **CHAIN)[0] == 200
    assert call(aws, "TransactWriteItems", transaction)[0] == 200
    found = aws.dynamodb.get_item(TableName=table, Key={"pk": {"S": "p"}})["Item"]
    assert found["n"] == {"N": "2.50"}
    other = {
        **transaction,
        "TransactItems": [{"Delete": {"TableName": table, "Key": update["Key"]}}],
    }
    status, document, _ = call(aws, "TransactWriteItems", other)
    assert (status, document["__type"].rpartition("#")[2]) == (
        400,
        "IdempotentParameterMismatchException",
    )


@pytest.mark.live
def test_a_cancelled_transaction_gives_its_reasons(aws: Aws, table: str) -> None:
    check = {
        "TableName": table,
        "Key": {"pk": {"S": "p"}},
        "ConditionExpression": "attribute_not_exists(pk)",
    }
    put = {"TableName": table, "Item": {"pk": {"S": "q"}}}
    with pytest.raises(ClientError) as caught:
        aws.dynamodb.transact_write_items(TransactItems=[{"ConditionCheck": check}, {"Put": put}])
    reasons = caught.value.response["CancellationReasons"]
    assert [reason["Code"] for reason in reasons] == ["ConditionalCheckFailed", "None"]


class TestTokens:
    PLACE = ("000000000000", "eu-west-1")

    def test_forgotten_after_ten_minutes(self) -> None:
        now = [0.0]
        tokens, done = Tokens(lambda: now[0]), []

        def ask() -> tuple[int, str]:
            done.append(now[0])
            return 200, "{}"

        for now[0] in (0.0, 599.0, 601.0):
            tokens.once(self.PLACE, {"ClientRequestToken": "t"}, ask)
        assert done == [0.0, 601.0]

    def test_what_failed_may_be_tried_again(self) -> None:
        tokens, answers = Tokens(), iter([(400, "no"), (200, "{}")])
        request = {"ClientRequestToken": "t"}
        assert tokens.once(self.PLACE, request, lambda: next(answers)) == (400, "no")
        assert tokens.once(self.PLACE, request, lambda: next(answers)) == (200, "{}")

    def test_of_another_region_is_another(self) -> None:
        tokens, count = Tokens(), []
        for region in ("eu-west-1", "us-east-1"):
            request = {"ClientRequestToken": "t", "TransactItems": [region]}
            tokens.once(("0", region), request, lambda: (200, str(count.append(1))))
        assert len(count) == 2
