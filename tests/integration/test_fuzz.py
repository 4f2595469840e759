"""Unexpected requests, right and wrong ones, made from the OpenAPI document.

For every request: no 5xx, no hang, and an answer that the document promises. Most requests name an
existing ticket, in one of its states, with its token; the other requests name invented tickets.
Every counted request reaches a function; the gateway refuses requests without a key.

`FUZZ=50000 make fuzz` is a longer run; without FUZZ the requests are the same ones every time.
"""

import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from unittest import mock
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
import schemathesis
from helpdesk import openapi, ticket
from helpdesk.aws import clients
from helpdesk.aws.tickets import DynamoTickets
from helpdesk.ticket import State
from helpdesk.triage import Ask
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.fakes import ScriptedUnderstander, an_article
from tests.integration.conftest import (
    PUBLIC_KEY,
    SERVER_KEY,
    Function,
    Stack,
    load,
    understand_with,
)
from tests.integration.test_intake import (  # noqa: F401 -- a fixture
    ANSWER,
    ESCALATE,
    UNDERSTOOD,
    Gateway,
    Reply,
    taught,
    teach,
)

DOCUMENT = openapi.document("1")
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
OPERATIONS = [result.ok() for result in SCHEMA.get_all_operations()]
NAMES = [f"{operation.method.upper()} {operation.path}" for operation in OPERATIONS]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
SO_OFTEN = 25
"""Cases after which the tables are emptied: moto copies a whole table for every transaction."""

WITH_INPUT = [each for each in OPERATIONS if "{" in each.path or each.method == "post"]
FEW, MANY = 200, int(os.environ.get("FUZZ", "5000"))
"""Cases: in every run of the suite, and in a slow one."""

DECISIONS = {
    State.ANSWERED: ANSWER,
    State.ASKED: Ask((an_article("refund"), an_article("track_order"))),
    State.ESCALATED: ESCALATE,
}


@pytest.fixture(scope="module")
def intake(template: dict[str, Any], deployed: Stack) -> Iterator[Function]:
    """The customers' door with very high limits, and a clock that a held request moves on."""
    endless = {"REQUESTS_PER_SECOND": "1e6", "REQUESTS_BURST": "1000000"}
    endless |= {"PUBLIC_REQUESTS_PER_SECOND": "1e6", "PUBLIC_REQUESTS_BURST": "1000000"}
    endless |= {"ADDRESS_PER_SECOND": "1e6", "CUSTOMER_PER_MINUTE": "6e7"}
    endless |= {"LOOKS_PER_MINUTE": "6e7"}
    function = load(template, deployed.where("IntakeFunction", **endless), "IntakeFunction")
    start, slept = datetime.now(UTC), []
    with (
        mock.patch.object(function.module.time, "sleep", slept.append),
        mock.patch.object(
            function.module, "_now", side_effect=lambda: start + timedelta(seconds=sum(slept))
        ),
    ):
        yield function


OF_INTEGRATORS = {"/predict", "/analyses", "/categories", "/process_message"}
OF_VISITORS = {"/help", "/widget.js"}


@pytest.fixture(scope="module")
def predict(template: dict[str, Any], deployed: Stack) -> Function:
    function = load(template, deployed, "PredictFunction")
    understand_with(function, ScriptedUnderstander)
    return function


@pytest.fixture(scope="module")
def pages(template: dict[str, Any], deployed: Stack) -> Function:
    there = deployed.where("PagesFunction", PUBLIC_API_KEY_VALUE="pages-of-the-shop-0123456789")
    return load(template, there, "PagesFunction")


def needs_key(operation: Any) -> bool:
    asked = operation.definition.raw.get("security", DOCUMENT["security"])
    return any("application" in each for each in asked)


@pytest.fixture
def send(
    intake: Function,
    predict: Function,
    pages: Function,
    stack: Stack,
    taught: None,  # noqa: F811
) -> Callable[[Any, Any, Any], Any]:
    """Return how a case reaches the functions: as API Gateway would pass it on."""

    sent = count(1)

    def pass_on(
        case: Any, there: State | None, key_id: str
    ) -> tuple[Reply, requests.PreparedRequest]:
        kwargs = case.as_transport_kwargs(base_url="http://api.example")
        request = requests.Request(
            kwargs["method"],
            kwargs["url"],
            **{k: kwargs[k] for k in ("headers", "params", "json", "data") if k in kwargs},
        ).prepare()
        headers = {str(k): str(v) for k, v in request.headers.items()}
        assume("x-api-key" in request.headers or not needs_key(case.operation))
        if next(sent) % SO_OFTEN == 0:
            stack.empty()
            teach(stack)
        path = dict(case.path_parameters or {})
        if there and "id" in path:
            path["id"], token = a_ticket(intake, stack, there)
            headers["Authorization"] = f"Bearer {token}"
        body = request.body
        text = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
        function = predict if case.path in OF_INTEGRATORS else intake
        function = pages if case.path in OF_VISITORS else function
        reply = Gateway(function, key_id=key_id, headers={}).request(
            case.method.upper(),
            case.path,
            body=text,
            headers=headers,
            query=dict(parse_qsl(str(urlsplit(request.url).query), keep_blank_values=True)) or None,
            **{name: str(value) for name, value in path.items()},
        )
        return reply, request

    return pass_on


def a_ticket(intake: Function, stack: Stack, state: State) -> tuple[str, str]:
    """Bring a ticket into a state; return its id and token."""
    made = Gateway(intake).submit({"text": "Where is it?"}).body
    tickets = DynamoTickets(clients.table(stack.outputs["TicketsTable"]))
    if state is not State.RECEIVED:
        found, now = tickets.get(made["id"]), intake.module._now()
        assert found
        change = (
            ticket.settle(found, UNDERSTOOD, DECISIONS[state], now=now)
            if state in DECISIONS
            else ticket.withdraw(found, now=now)
        )
        tickets.commit(change)
    return made["id"], made["token"]


def run(operation: Any, send: Any, examples: int) -> Counter[int]:
    """Send made-up requests of one operation; return how often each status was answered."""
    statuses: Counter[int] = Counter()
    cases = st.one_of(
        operation.as_strategy(generation_mode=GenerationMode.POSITIVE),
        operation.as_strategy(generation_mode=GenerationMode.NEGATIVE),
    )

    @settings(
        max_examples=examples,
        derandomize="FUZZ" not in os.environ,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        case=cases,
        there=st.none() | st.sampled_from(State),
        key_id=st.sampled_from((SERVER_KEY, PUBLIC_KEY)),
    )
    def each(case: Any, there: State | None, key_id: str) -> None:
        reply, request = send(case, there, key_id)
        statuses[reply.status] += 1
        response = schemathesis.Response(
            status_code=reply.status,
            headers={name.lower(): [str(value)] for name, value in reply.headers.items()},
            content=reply.text.encode(),
            request=request,
            elapsed=0.0,
            verify=False,
        )
        # A refusal for its size is one too, which the check does not know.
        judged = there or reply.status == 413
        case.validate_response(
            response, checks=CHECKS if judged else [*CHECKS, negative_data_rejection]
        )

    each()
    return statuses


def share(operation: Any, cases: int) -> int:
    """Return how many of the cases an operation gets; one without input is asked once."""
    return -(-cases // len(WITH_INPUT)) if operation in WITH_INPUT else 1


@pytest.mark.parametrize("operation", OPERATIONS, ids=NAMES)
def test_hundreds(operation: Any, send: Any) -> None:
    """T15, F5."""
    wanted = share(operation, FEW)

    assert run(operation, send, wanted).total() >= wanted


@pytest.mark.slow
@pytest.mark.parametrize("operation", OPERATIONS, ids=NAMES)
def test_thousands(operation: Any, send: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """What they were answered is printed (`make fuzz`)."""
    wanted = share(operation, MANY)
    statuses = run(operation, send, wanted)

    told = json.dumps(dict(sorted(statuses.items())))
    with capsys.disabled():
        sys.stdout.write(f"\n{operation.method.upper()} {operation.path}: {told}\n")
    assert statuses.total() >= wanted
