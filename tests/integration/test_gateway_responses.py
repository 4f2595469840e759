"""What the gateway answers by itself: each kind has a response, and each body is a problem.

The kinds and their statuses are those of
docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html.
"""

import json
import re
from typing import Any

import botocore.session
import pytest
from helpdesk import contract

STATUSES = {
    "ACCESS_DENIED": 403,
    "API_CONFIGURATION_ERROR": 500,
    "AUTHORIZER_CONFIGURATION_ERROR": 500,
    "AUTHORIZER_FAILURE": 500,
    "BAD_REQUEST_BODY": 400,
    "BAD_REQUEST_PARAMETERS": 400,
    "DEFAULT_4XX": None,
    "DEFAULT_5XX": None,
    "EXPIRED_TOKEN": 403,
    "INTEGRATION_FAILURE": 504,
    "INTEGRATION_TIMEOUT": 504,
    "INVALID_API_KEY": 403,
    "INVALID_SIGNATURE": 403,
    "MISSING_AUTHENTICATION_TOKEN": 404,  # AWS has 403: it takes an unknown route for no signature
    "QUOTA_EXCEEDED": 429,
    "REQUEST_TOO_LARGE": 413,
    "RESOURCE_NOT_FOUND": 404,
    "THROTTLED": 429,
    "UNAUTHORIZED": 401,
    "UNSUPPORTED_MEDIA_TYPE": 415,
    "WAF_FILTERED": 403,
}

QUOTED = ("context.error.messageString", "context.error.validationErrorString")
"""Variables that come with their quotes, as the gateway escapes them."""

HOSTILE = ('"}{"status": 200', "a\\", "line\nbreak", "", "$context.requestId", "\u2028\x00")
"""What a request may bring into a variable: the gateway puts it there as it is."""


def rendered(template: str, said: str) -> str:
    """Return a body as the gateway makes it: variables are replaced, and nothing else is done.

    `$context.status` is a variable of access logs, and what a template does not know is empty
    (docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html).
    """

    def put(match: re.Match[str]) -> str:
        name = match[1]
        if name.startswith("context.status"):
            return ""
        return json.dumps(said) if name in QUOTED else said

    return re.sub(r"\$\{?([A-Za-z]\w*(?:\.\w+)*)\}?", put, template)


@pytest.fixture(scope="module")
def responses(template: dict[str, Any]) -> dict[str, dict[str, Any]]:
    (api,) = (
        each["Properties"]
        for each in template["Resources"].values()
        if each["Type"] == "AWS::Serverless::Api"
    )
    found: dict[str, dict[str, Any]] = api["GatewayResponses"]
    return found


def test_each_kind_that_the_gateway_produces_has_a_response(
    responses: dict[str, dict[str, Any]],
) -> None:
    """Also one that AWS adds: botocore's model of the service lists them."""
    model = botocore.session.get_session().get_service_model("apigateway")

    assert set(responses) == set(model.shape_for("GatewayResponseType").enum) == set(STATUSES)


@pytest.mark.parametrize("kind", STATUSES)
@pytest.mark.parametrize("said", HOSTILE)
def test_its_body_is_a_problem_whatever_a_request_brings(
    responses: dict[str, dict[str, Any]], kind: str, said: str
) -> None:
    response = responses[kind]
    headers = response["ResponseParameters"]["Headers"]
    (form, template), *others = response["ResponseTemplates"].items()
    body = json.loads(rendered(template, said))

    assert not others
    assert form == "application/json"
    assert headers["Content-Type"] == "'application/problem+json'"
    assert response.get("StatusCode") == STATUSES[kind]
    assert body.get("status") == STATUSES[kind], "of a default kind only the gateway knows it"
    problem = contract.Problem.model_validate({"status": 418, **body})
    assert body.keys() <= contract.Problem.model_fields.keys()
    assert problem.title
    assert problem.detail.endswith(".")


@pytest.mark.parametrize("kind", ["THROTTLED", "QUOTA_EXCEEDED"])
def test_who_asks_too_much_hears_when_to_come_back(
    responses: dict[str, dict[str, Any]], kind: str
) -> None:
    headers = responses[kind]["ResponseParameters"]["Headers"]

    assert re.fullmatch(r"'[1-9]\d*'", headers["Retry-After"])
