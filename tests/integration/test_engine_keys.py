"""The key of an engine, by name: in a secure parameter, in a secret, and where it is not."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from helpdesk.aws.secrets import engine_key
from helpdesk.composition import Resources
from helpdesk.composition.engine import DrafterParts
from helpdesk.drafting import EngineError, Failure, Request
from helpdesk.evidence import Found, Origin, Passage
from helpdesk.settings import DrafterSettings
from moto import mock_aws

from tests.engine_server import Script, serving

NAME = "/helpdesk/engine"
KEY = "not-a-real-key"
SETTINGS = {
    "TICKETS_TABLE": "tickets",
    "QUEUE_PATIENCE": "120",
    "KNOWLEDGE_TABLE": "knowledge",
    "BUCKET": "bucket",
    "DRAFTS_QUEUE_URL": "https://queue",
    "ENGINE": "anthropic",
    "ENGINE_MODEL": "some-model",
    "ENGINE_DOLLARS_A_DAY": "5",
    "ENGINE_TOKENS_A_TICKET": "20000",
    "ENGINE_READ_PRICE": "3000000",
    "ENGINE_WRITTEN_PRICE": "15000000",
}
PASSAGE = Passage(
    id="article:returns", origin=Origin.ARTICLE, version=1, title="Returns", text="30 days."
)
ASKED = Request(
    conversation=(),
    evidence=(Found(number=1, passage=PASSAGE, score=0.9),),
    instructions="Write.",
)


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    with mock_aws():
        yield


@pytest.fixture
def script(socket_enabled: None) -> Iterator[Script]:
    with serving() as found:
        yield found


def read(name: str = NAME) -> str:
    return engine_key(lambda: boto3.client("ssm"), name)


def put(value: str) -> None:
    boto3.client("ssm").put_parameter(Name=NAME, Value=value, Type="SecureString", Overwrite=True)


def parts() -> DrafterParts:
    return DrafterParts(resources=Resources({}), session=boto3.Session())


def engine(**variables: str) -> Any:
    settings = DrafterSettings.from_env(SETTINGS | variables)
    return parts().engine(settings, lambda: datetime.now(UTC))


def test_a_secure_parameter_is_read_without_the_end_of_its_line() -> None:
    put(f"{KEY}\n")

    assert read() == KEY


def test_a_secret_of_secrets_manager_is_read_by_the_same_call() -> None:
    boto3.client("secretsmanager").create_secret(Name="engine", SecretString=KEY)

    assert read("/aws/reference/secretsmanager/engine") == KEY


@pytest.mark.parametrize("value", ["sk-größer", "a\nb", "a\tb"])
def test_a_key_that_no_header_can_carry_is_told_without_saying_it(value: str) -> None:
    put(value)
    with pytest.raises(EngineError) as caught:
        read()

    assert caught.value.failure is Failure.UNAVAILABLE
    assert value not in str(caught.value)


def test_a_key_that_is_not_there_is_an_engine_that_is_not_there() -> None:
    with pytest.raises(EngineError, match="ParameterNotFound") as caught:
        read()

    assert caught.value.failure is Failure.UNAVAILABLE
    assert NAME not in str(caught.value)


def test_an_engine_reads_its_key_at_its_first_draft(script: Script) -> None:
    made = engine(ENGINE_URL=script.url, ENGINE_KEY_NAME=NAME, ENGINE_PRIVATE="on")
    put(KEY)
    made.write(ASKED)

    sent = {name.lower(): value for name, value in script.asked[0].headers.items()}
    assert sent["x-api-key"] == KEY


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "https://127.0.0.1:1"])
def test_an_engine_is_in_no_network_of_ones_own_unless_that_is_allowed(
    url: str, socket_enabled: None
) -> None:
    with pytest.raises(EngineError, match=r"private|https://"):
        engine(ENGINE="openai", ENGINE_URL=url).write(ASKED)


@pytest.mark.parametrize(
    ("kind", "url", "name"),
    [
        ("anthropic", "https://api.anthropic.com", "anthropic:some-model"),
        ("openai", "https://api.openai.com/v1", "openai:some-model"),
    ],
)
def test_without_an_address_an_engine_is_its_makers(kind: str, url: str, name: str) -> None:
    made = engine(ENGINE=kind)

    assert (made.url, made.name) == (url, name)


def test_bedrock_needs_no_key_and_makes_its_client_once() -> None:
    made = engine(ENGINE="bedrock")

    assert made.name == "bedrock:some-model"
    assert made.client() is made.client()
    assert made.client().meta.service_model.service_name == "bedrock-runtime"
