"""The frame of every HTTP door: what a use case raises reaches the caller as a problem."""

import pytest
from chalice.app import Response
from chalice.test import Client
from helpdesk import web
from helpdesk.ports import ConflictError, ErasedError, IdempotencyConflictError, NotFoundError
from helpdesk.ticket import IllegalMoveError


@pytest.fixture
def metrics(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "test")


@pytest.mark.parametrize(
    ("raised", "status", "title"),
    [
        (NotFoundError("no ticket 1"), 404, "Not found"),
        (ErasedError("no ticket 1"), 404, "Not found"),
        (IdempotencyConflictError("another request"), 409, "Idempotency-Key reused"),
        (IllegalMoveError("a closed ticket"), 409, "Not now"),
        (ConflictError("moved"), 409, "Conflict"),
        (web.RefusalError(418, "Teapot", "short and stout"), 418, "Teapot"),
        (KeyError("unexpected"), 500, "InternalServer"),
    ],
)
def test_a_refusal_of_any_door_is_a_problem(
    metrics: None, raised: Exception, status: int, title: str
) -> None:
    app = web.application("any")

    @app.route("/things/{name}", methods=["GET"])
    def fetch(name: str) -> Response:
        raise raised

    with Client(app, stage_name="test") as client:
        answer = client.http.get("/things/1")

    assert (answer.status_code, answer.json_body["title"]) == (status, title)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert ("Retry-After" in answer.headers) == isinstance(raised, ConflictError)


def test_an_answer_goes_through(metrics: None) -> None:
    app = web.application("any")

    @app.route("/things/{name}", methods=["GET"])
    def fetch(name: str) -> Response:
        return web.document({"name": name})

    with Client(app, stage_name="test") as client:
        assert client.http.get("/things/one").json_body == {"name": "one"}
