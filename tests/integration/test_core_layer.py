"""The core layer's botocore asks AWS for the same as the whole one that it was made from.

Needs `uv` (in `UV` or on the path) and the packages of the core layer in its cache, or an index.
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from infra.deploying import build
from layers.core.thin import SERVICES

ROOT = Path(__file__).parents[2]

CALLS = """
import json
import sys

import botocore.session

asked = []


class Sent(Exception):
    pass


def sent(request, **_):
    kinds = ("X-Amz-Target", "Content-Type", "Host")
    headers = {kind: str(request.headers.get(kind)) for kind in kinds}
    body = request.body.read() if hasattr(request.body, "read") else request.body
    asked.append([request.method, request.url, headers, str(body)])
    raise Sent


session = botocore.session.Session()
session.set_credentials("key", "secret", "token")
for region in ("us-east-1", "eu-central-1", "cn-north-1", "us-gov-west-1"):
    for service, operation, parameters in json.loads(sys.argv[1]):
        client = session.create_client(service, region)
        client.meta.events.register("before-send", sent)
        try:
            getattr(client, operation)(**parameters)
        except Sent:
            pass
        names = sorted(client.meta.service_model.operation_names)
        asked.append([client.meta.endpoint_url, names])
print(json.dumps({"asked": asked, "from": botocore.__file__}))
"""

KEY = {"pk": {"S": "TICKET#1"}, "sk": {"S": "TICKET"}}
ASKED: list[tuple[str, str, dict[str, Any]]] = [
    ("dynamodb", "get_item", {"TableName": "tickets", "Key": KEY}),
    ("dynamodb", "batch_get_item", {"RequestItems": {"tickets": {"Keys": [KEY]}}}),
    ("dynamodb", "query", {"TableName": "tickets", "KeyConditionExpression": "pk = :pk"}),
    (
        "dynamodb",
        "transact_write_items",
        {
            "TransactItems": [{"Put": {"TableName": "tickets", "Item": KEY}}],
            "ClientRequestToken": "told, so that it is not drawn",
        },
    ),
    (
        "sqs",
        "send_message",
        {"QueueUrl": "https://sqs.us-east-1.amazonaws.com/1/intake", "MessageBody": "{}"},
    ),
    ("ssm", "get_parameter", {"Name": "/helpdesk/imap", "WithDecryption": True}),
    ("s3", "get_object", {"Bucket": "models", "Key": "models/1.npz"}),
    ("s3", "put_object", {"Bucket": "models", "Key": "models/1.npz", "Body": "bytes"}),
    (
        "ses",
        "send_raw_email",
        {"Source": "a@x.example", "Destinations": ["b@x.example"], "RawMessage": {"Data": "Hi"}},
    ),
    (
        "bedrock-runtime",
        "converse",
        {
            "modelId": "eu.some.model-v1:0",
            "messages": [{"role": "user", "content": [{"text": "Hi"}]}],
            "inferenceConfig": {"maxTokens": 400},
        },
    ),
    ("lambda", "invoke", {"FunctionName": "trainer", "Payload": "{}"}),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a core layer's packages."""
    folder = tmp_path_factory.mktemp("core-layer")
    build._fill_core(folder)
    return folder / "python"


def asked(**environment: str) -> dict[str, Any]:
    run = subprocess.run(
        [sys.executable, *(["-S"] if environment else []), "-c", CALLS, json.dumps(ASKED)],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        cwd="/",
    )
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def test_its_requests_are_those_of_the_whole_botocore(site: Path) -> None:
    thin, whole = asked(PYTHONPATH=str(site)), asked()

    assert thin["from"].startswith(str(site))
    assert not whole["from"].startswith(str(site))
    assert len(thin["asked"]) == 4 * 2 * len(ASKED)
    assert thin["asked"] == whole["asked"]


def test_it_knows_every_service_that_a_client_is_made_for() -> None:
    clients = ROOT / "layers/core/python/helpdesk/aws/clients.py"
    made = re.findall(r'\.client\(\s*"([a-z0-9-]+)"', clients.read_text())

    assert set(made) == set(SERVICES)


def test_its_docstrings_and_events_can_still_be_read(site: Path) -> None:
    code = (
        "import botocore.session, sys\n"
        "client = botocore.session.Session().create_client('sqs', 'us-east-1')\n"
        "assert 'html' not in sys.modules\n"
        "assert 'send_message' in str(client.send_message.__doc__)\n"
        "from aws_lambda_powertools.utilities.data_classes import SQSEvent\n"
        "assert next(iter(SQSEvent({'Records': [{'body': 'x'}]}).records)).body == 'x'\n"
    )
    subprocess.run(
        [sys.executable, "-S", "-c", code], env={"PYTHONPATH": str(site)}, check=True, cwd="/"
    )
