"""The engines on the wire: what they send, and what they make of every kind of answer."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import botocore.session
import pytest
from botocore.config import Config
from botocore.stub import Stubber
from helpdesk.aws import clients
from helpdesk.drafting import (
    Engine,
    EngineError,
    Failure,
    Fault,
    Part,
    Prices,
    Request,
    Said,
    Severity,
    Usage,
)
from helpdesk.drafting.instructing import prompt
from helpdesk.engines import Anthropic, Bedrock, KeptKey, NoKey, OpenAI
from helpdesk.engines.asking import FRAME, most_read
from helpdesk.engines.posts import MOST_ANSWERED, wire
from helpdesk.evidence import Found, Origin, Passage

from tests.engine_server import READ, WRITTEN, Script, serving

DIALECTS = ("bedrock", "anthropic", "openai")
PRICES = Prices(read=3_000_000, written=15_000_000)
KEY = "sk-not-a-real-key"
SECRET = "the parcel of Mrs. Example"
ASKED = Request(
    conversation=(Said(by_customer=True, text=f'Where is "{SECRET}"?\nconversation: none'),),
    evidence=(
        Found(
            number=1,
            passage=Passage(
                id="article:returns",
                origin=Origin.ARTICLE,
                version=3,
                title="Returns",
                text="You can return it within 30 days.",
            ),
            score=0.9,
        ),
    ),
    instructions="Write a reply out of the evidence alone.",
    faults=(Fault(severity=Severity.HARD, kind="number", what="40 days", part=0),),
    most=250,
)


@pytest.fixture
def script(socket_enabled: None) -> Iterator[Script]:
    with serving() as found:
        yield found


def bedrock_client(url: str, limit: float) -> Any:
    session = botocore.session.Session()
    session.set_credentials("key", "secret", "token")
    session.set_config_variable("region", "eu-central-1")
    config = clients.ENGINE.merge(Config(read_timeout=limit))
    return clients.bedrock(Session(session), endpoint_url=url, config=config)


class Session:
    """A session with credentials of its own, as `clients.Clients`."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def client(self, service: str, **more: Any) -> Any:
        return self._session.create_client(service, **more)


def engine(dialect: str, script: Script, *, limit: float = 5) -> Engine:
    if dialect == "bedrock":
        made = bedrock_client(script.url, limit)
        return Bedrock(model="eu.some.model-v1:0", client=lambda: made, prices=PRICES)
    kind: Any = {"anthropic": Anthropic, "openai": OpenAI}[dialect]
    found: Engine = kind(
        model="some-model",
        key=KeptKey(lambda: KEY, lambda: datetime.now(UTC)),
        poster=wire(private=True, limit=limit),
        url=script.url,
        prices=PRICES,
    )
    return found


def failed(dialect: str, script: Script, *, limit: float = 5) -> EngineError:
    with pytest.raises(EngineError) as caught:
        engine(dialect, script, limit=limit).write(ASKED)
    assert SECRET not in str(caught.value)
    assert "secret words" not in str(caught.value)
    return caught.value


every = pytest.mark.parametrize("dialect", DIALECTS)


@every
def test_a_good_answer_is_a_draft_with_its_usage_and_price(dialect: str, script: Script) -> None:
    written = engine(dialect, script).write(ASKED)

    assert written.parts == (Part(text="You can return it within 30 days.", rests_on=(1,)),)
    assert written.usage == Usage(
        read=READ, written=WRITTEN, calls=1, microdollars=READ * 3 + WRITTEN * 15
    )


def test_bedrock_is_asked_by_converse_with_a_tool_it_must_use(script: Script) -> None:
    engine("bedrock", script).write(ASKED)

    (asked,) = script.asked
    assert asked.path == "/model/eu.some.model-v1%3A0/converse"
    assert asked.headers["Authorization"].startswith("AWS4-HMAC-SHA256 ")
    assert asked.body["inferenceConfig"] == {"maxTokens": 250}
    assert asked.body["toolConfig"]["toolChoice"] == {"any": {}}
    assert asked.body["system"] == [{"text": ASKED.instructions}]
    assert asked.body["messages"] == [{"role": "user", "content": [{"text": prompt(ASKED)}]}]


def test_anthropic_is_asked_for_a_message_with_a_tool_it_must_use(script: Script) -> None:
    engine("anthropic", script).write(ASKED)

    (asked,) = script.asked
    headers = {name.lower(): value for name, value in asked.headers.items()}
    assert asked.path == "/v1/messages"
    assert (headers["x-api-key"], headers["anthropic-version"]) == (KEY, "2023-06-01")
    assert asked.body["max_tokens"] == 250
    assert (asked.body["tool_choice"]["type"], asked.body["tool_choice"]["name"]) == (
        "tool",
        asked.body["tools"][0]["name"],
    )
    assert asked.body["system"] == ASKED.instructions
    assert asked.body["messages"] == [{"role": "user", "content": prompt(ASKED)}]


def test_chat_completions_are_asked_for_an_object_of_the_schema(script: Script) -> None:
    engine("openai", script).write(ASKED)

    (asked,) = script.asked
    assert asked.path == "/chat/completions"
    assert asked.headers["Authorization"] == f"Bearer {KEY}"
    assert asked.body["max_tokens"] == 250
    form = asked.body["response_format"]
    assert (form["type"], form["json_schema"]["strict"]) == ("json_schema", True)
    assert form["json_schema"]["schema"]["required"] == ["parts"]
    assert [each["role"] for each in asked.body["messages"]] == ["system", "user"]


def test_openai_itself_knows_the_bound_by_another_name() -> None:
    theirs = OpenAI(model="m", key=NoKey(), poster=wire())

    assert theirs._body(ASKED)["max_completion_tokens"] == 250
    assert "max_tokens" not in theirs._body(ASKED)


def test_a_server_that_wants_no_key_gets_no_header(script: Script) -> None:
    OpenAI(model="m", key=NoKey(), poster=wire(private=True), url=script.url).write(ASKED)

    assert "Authorization" not in script.asked[0].headers


def test_a_request_has_fewer_tokens_than_is_reckoned_with() -> None:
    sent = f"{ASKED.instructions}{prompt(ASKED)}"

    assert most_read(ASKED) == FRAME + len(sent.encode()) > FRAME + len(sent)


STOPS = [
    ("bedrock", "max_tokens", Failure.CUT_OFF),
    ("bedrock", "model_context_window_exceeded", Failure.CUT_OFF),
    ("bedrock", "guardrail_intervened", Failure.REFUSED),
    ("bedrock", "content_filtered", Failure.REFUSED),
    ("bedrock", "malformed_tool_use", Failure.MALFORMED),
    ("anthropic", "max_tokens", Failure.CUT_OFF),
    ("anthropic", "refusal", Failure.REFUSED),
    ("openai", "length", Failure.CUT_OFF),
    ("openai", "content_filter", Failure.REFUSED),
]


@pytest.mark.parametrize(("dialect", "stop", "failure"), STOPS)
def test_an_answer_that_stopped_early_is_no_draft_but_is_paid_for(
    dialect: str, stop: str, failure: Failure, script: Script
) -> None:
    script.stop = stop
    error = failed(dialect, script)

    assert error.failure is failure
    assert (error.usage.read, error.usage.written, error.usage.calls) == (READ, WRITTEN, 1)


def test_a_refusal_in_words_of_its_own_is_a_refusal(script: Script) -> None:
    script.content = {"role": "assistant", "content": None, "refusal": "I cannot help with that."}

    assert failed("openai", script).failure is Failure.REFUSED


STATUSES = [
    (429, Failure.THROTTLED),
    (500, Failure.UNAVAILABLE),
    (503, Failure.UNAVAILABLE),
    (400, Failure.UNAVAILABLE),
    (401, Failure.UNAVAILABLE),
    (403, Failure.UNAVAILABLE),
]


@every
@pytest.mark.parametrize(("status", "failure"), STATUSES)
def test_a_status_says_why_and_the_call_is_not_repeated(
    dialect: str, status: int, failure: Failure, script: Script
) -> None:
    script.status = status
    error = failed(dialect, script)

    assert error.failure is failure
    assert error.usage == Usage(calls=1)
    assert len(script.asked) == 1


@pytest.mark.parametrize("dialect", ["anthropic", "openai"])
def test_a_redirect_is_not_followed(dialect: str, script: Script) -> None:
    script.status, script.headers = 307, {"Location": f"{script.url}/elsewhere"}

    assert failed(dialect, script).failure is Failure.UNAVAILABLE
    assert len(script.asked) == 1


@every
@pytest.mark.parametrize("raw", [b'{"output": {"mess', b"[]", b"", b"\xff\xfe", b'{"a": 1}'])
def test_broken_json_is_no_draft(dialect: str, raw: bytes, script: Script) -> None:
    script.raw = raw

    assert failed(dialect, script).failure is Failure.MALFORMED


BROKEN: list[Any] = [
    [],
    "text",
    [{"text": "a"}],
    [{"rests_on": [1]}],
    [{"text": "", "rests_on": [1]}],
    [{"text": 7, "rests_on": [1]}],
    [{"text": "a", "rests_on": ["1"]}],
    [{"text": "a", "rests_on": [True]}],
    [{"text": "a", "rests_on": 1}],
    [{"text": "a", "rests_on": [2]}],
    [{"text": "a", "rests_on": [1], "send_to": "all"}],
    ["a"],
]


@every
@pytest.mark.parametrize("parts", BROKEN, ids=str)
def test_parts_of_another_shape_are_no_draft(dialect: str, parts: Any, script: Script) -> None:
    script.parts = parts
    error = failed(dialect, script)

    assert error.failure is Failure.MALFORMED
    assert error.usage.read == READ


@pytest.mark.parametrize(
    ("dialect", "content"),
    [
        ("bedrock", [{"text": "Here is your draft."}]),
        ("bedrock", []),
        ("anthropic", [{"type": "text", "text": "Here is your draft."}]),
        ("anthropic", "text"),
        ("openai", "Here is your draft."),
        ("openai", {"role": "assistant"}),
    ],
)
def test_a_model_that_talks_in_place_of_handing_in_wrote_no_draft(
    dialect: str, content: Any, script: Script
) -> None:
    script.content = content

    assert failed(dialect, script).failure is Failure.MALFORMED


@every
def test_a_slow_engine_is_left(dialect: str, script: Script) -> None:
    script.silent = True

    assert failed(dialect, script, limit=0.3).failure is Failure.TOO_SLOW
    assert len(script.asked) == 1


@every
def test_a_connection_that_ends_is_an_engine_that_is_not_there(
    dialect: str, script: Script
) -> None:
    script.reset = True

    assert failed(dialect, script).failure is Failure.UNAVAILABLE
    assert len(script.asked) == 1


@every
def test_where_nothing_listens_is_no_engine(dialect: str, script: Script) -> None:
    script.port = 9  # discard: no test machine has a server there

    assert failed(dialect, script).failure is Failure.UNAVAILABLE


@pytest.mark.parametrize("dialect", ["anthropic", "openai"])
def test_an_answer_that_is_too_large_is_not_read(dialect: str, script: Script) -> None:
    script.raw = b'{"a": "' + b"x" * MOST_ANSWERED + b'"}'

    assert failed(dialect, script).failure is Failure.MALFORMED


@pytest.mark.parametrize("dialect", ["anthropic", "openai"])
def test_an_answer_that_ends_too_early_is_not_read(dialect: str, script: Script) -> None:
    script.raw, script.headers = b'{"a": 1}', {"Content-Length": "900"}
    error = failed(dialect, script)

    assert error.failure in {Failure.UNAVAILABLE, Failure.MALFORMED}


@pytest.mark.parametrize("dialect", ["anthropic", "openai"])
@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://93.184.215.14", "ftp://x.example"])
def test_a_key_goes_unencrypted_nowhere_unless_allowed(
    dialect: str, url: str, socket_enabled: None
) -> None:
    kind: Any = {"anthropic": Anthropic, "openai": OpenAI}[dialect]
    for private in (False, True):
        if private and "127" in url:
            continue
        made = kind(model="m", key=NoKey(), poster=wire(private=private), url=url)
        with pytest.raises(EngineError, match=r"https://|private"):
            made.write(ASKED)


def test_a_key_that_was_refused_is_read_again(script: Script) -> None:
    keys = ["old", "new"]
    kept = KeptKey(lambda: keys.pop(0), lambda: datetime(2026, 1, 1, tzinfo=UTC))
    made = Anthropic(model="m", key=kept, poster=wire(private=True), url=script.url)
    script.status = 401
    with pytest.raises(EngineError):
        made.write(ASKED)
    script.status = 200
    made.write(ASKED)
    made.write(ASKED)

    sent = [{k.lower(): v for k, v in each.headers.items()}["x-api-key"] for each in script.asked]
    assert sent == ["old", "new", "new"]


def test_a_key_is_read_at_first_use_and_again_after_five_minutes() -> None:
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    read: list[int] = []

    def fetch() -> str:
        read.append(1)
        return f"key {len(read)}"

    kept = KeptKey(fetch, lambda: now[0])
    assert read == []
    assert [kept.read(), kept.read()] == ["key 1", "key 1"]
    now[0] += timedelta(minutes=5)
    assert kept.read() == "key 2"


def test_bedrock_knows_every_member_that_is_sent_and_read() -> None:
    """The Stubber checks both against the service's own model."""
    client = bedrock_client("http://127.0.0.1:1", 1)
    made = Bedrock(model="eu.some.model-v1:0", client=lambda: client)
    with Stubber(client) as stub:
        parts = [{"text": "Yes.", "rests_on": [1]}]
        stub.add_response(
            "converse",
            {
                "output": {
                    "message": {
                        "role": "assistant",
                        "content": [
                            {"text": "I hand it in."},
                            {
                                "toolUse": {
                                    "toolUseId": "t",
                                    "name": "draft",
                                    "input": {"parts": parts},
                                }
                            },
                        ],
                    }
                },
                "stopReason": "tool_use",
                "usage": {"inputTokens": 7, "outputTokens": 3, "totalTokens": 10},
                "metrics": {"latencyMs": 1},
            },
            made._parameters(ASKED),
        )
        written = made.write(ASKED)

    assert written.parts == (Part(text="Yes.", rests_on=(1,)),)
    assert (written.usage.read, written.usage.written) == (7, 3)


@pytest.mark.parametrize("code", ["ThrottlingException", "throttlingException"])
def test_bedrock_may_spell_its_throttle_either_way(code: str) -> None:
    client = bedrock_client("http://127.0.0.1:1", 1)
    with Stubber(client) as stub:
        stub.add_client_error("converse", code, "Too many tokens")
        with pytest.raises(EngineError) as caught:
            Bedrock(model="m", client=lambda: client).write(ASKED)

    assert caught.value.failure is Failure.THROTTLED


def test_the_client_of_bedrock_is_made_at_the_first_draft_only(script: Script) -> None:
    made: list[int] = []

    def client() -> Any:
        made.append(1)
        return bedrock_client(script.url, 5)

    found = Bedrock(model="eu.some.model-v1:0", client=client)
    assert found.name == "bedrock:eu.some.model-v1:0"
    assert made == []
    found.write(ASKED)
    assert made == [1]


def test_no_call_of_bedrock_outlasts_its_time_or_is_repeated() -> None:
    found: Any = clients.ENGINE
    assert found.read_timeout == 12
    assert found.retries["total_max_attempts"] == 1


@pytest.mark.skipif("ENGINE_TO_TRY" not in os.environ, reason="asks a real engine")
def test_a_real_engine_writes_a_draft(socket_enabled: None) -> None:
    """`ENGINE_TO_TRY=openai:MODEL ENGINE_TO_TRY_URL=URL`, and the key in `ENGINE_TO_TRY_KEY`."""
    kind, _, model = os.environ["ENGINE_TO_TRY"].partition(":")
    key = KeptKey(lambda: os.environ.get("ENGINE_TO_TRY_KEY", ""), lambda: datetime.now(UTC))
    poster, url = wire(private=True, limit=120), os.environ.get("ENGINE_TO_TRY_URL", "")
    made: dict[str, Callable[[], Engine]] = {
        "bedrock": lambda: Bedrock(model=model, client=clients.bedrock),
        "anthropic": lambda: Anthropic(model=model, key=key, poster=poster, url=url),
        "openai": lambda: OpenAI(model=model, key=key, poster=poster, url=url),
    }
    written = made[kind]().write(ASKED)

    assert any(1 in part.rests_on for part in written.parts)
    assert written.usage.written > 0
