"""The OpenAPI document of the intake API, generated from the contract."""

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from helpdesk.contract import (
    MAX_BODY,
    MAX_WAIT,
    Accepted,
    FeedbackIn,
    Health,
    MessageIn,
    Moved,
    PredictIn,
    PredictionsOut,
    Problem,
    QuestionIn,
    Renewed,
    TicketOut,
)

_MODELS = (
    QuestionIn,
    Accepted,
    TicketOut,
    MessageIn,
    FeedbackIn,
    Moved,
    Renewed,
    PredictIn,
    PredictionsOut,
    Problem,
    Health,
)


def document(version: str) -> dict[str, Any]:
    """Return the API's OpenAPI 3.1 document as plain data."""
    _, definitions = models_json_schema(
        [(model, "validation") for model in _MODELS], ref_template="#/components/schemas/{model}"
    )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Helpdesk",
            "version": version,
            "description": "Send a question, fetch its reply.",
        },
        "paths": {
            "/queries": {"post": _submit()},
            "/queries/{id}": {
                "get": _fetch(),
                "delete": _move(
                    "erase",
                    "Erase the ticket and everything that belongs to it",
                    {"204": {"description": "It is gone."}},
                ),
            },
            "/queries/{id}/messages": {
                "post": _move(
                    "followUp",
                    "Add a message, or choose one of the choices",
                    {"202": _json("The message is stored.", Moved)},
                    body=MessageIn,
                )
            },
            "/queries/{id}/feedback": {
                "post": _move(
                    "rate",
                    "Say whether the reply helped",
                    {"200": _json("It is recorded.", Moved)},
                    body=FeedbackIn,
                )
            },
            "/queries/{id}/close": {
                "post": _move("close", "Close the ticket", {"200": _json("It is closed.", Moved)})
            },
            "/queries/{id}/token": {
                "post": _move(
                    "renewToken",
                    "Exchange the token for a new one, for instance because it leaked",
                    {"200": _json("Only the new token opens the ticket.", Renewed)},
                )
            },
            "/predict": {
                "post": {
                    "operationId": "predict",
                    "summary": "Understand texts without storing them",
                    "requestBody": _body(PredictIn),
                    "responses": {
                        "200": _json("One prediction for each text.", PredictionsOut),
                        **_problems(
                            {
                                400: "The body holds no texts; `errors` names the fields.",
                                403: "The API key is missing or wrong.",
                                413: f"The body is larger than {MAX_BODY} bytes.",
                                415: "The body is not application/json.",
                                429: "Too many requests.",
                            }
                        ),
                    },
                }
            },
            "/health": {
                "get": {
                    "operationId": "health",
                    "summary": "Tell whether questions can be taken",
                    "security": [],
                    "responses": {
                        "200": _json("Questions can be taken.", Health),
                        **_problems({503: "Something the API needs does not answer."}),
                    },
                }
            },
            "/openapi.json": {
                "get": {
                    "operationId": "openapi",
                    "summary": "This document",
                    "security": [],
                    "responses": {
                        "200": {
                            "description": "The OpenAPI document.",
                            "content": {"application/json": {"schema": {"type": "object"}}},
                        }
                    },
                }
            },
        },
        "components": {
            "schemas": definitions["$defs"],
            "securitySchemes": {
                "application": {"type": "apiKey", "in": "header", "name": "x-api-key"},
                "token": {"type": "http", "scheme": "bearer"},
            },
        },
        "security": [{"application": []}],
    }


def _submit() -> dict[str, Any]:
    return {
        "operationId": "submit",
        "summary": "Send a question",
        "security": [{"application": []}],
        "parameters": [
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "description": "A request repeated with the same key and body is the same request.",
                "schema": {"type": "string", "minLength": 1, "maxLength": 255},
            }
        ],
        "requestBody": _body(QuestionIn),
        "responses": {
            "202": _json("The question is stored.", Accepted)
            | {"headers": {"Location": _header("Where to fetch the ticket.")}},
            **_problems(
                {
                    400: "The body is not a question; `errors` names the fields.",
                    403: "The API key is missing or wrong.",
                    409: "The Idempotency-Key was used with another body.",
                    413: f"The body is larger than {MAX_BODY} bytes.",
                    415: "The body is not application/json.",
                    429: "Too many requests.",
                }
            ),
        },
    }


def _fetch() -> dict[str, Any]:
    return {
        "operationId": "fetch",
        "summary": "Fetch a ticket with its replies",
        "security": [{"application": [], "token": []}],
        "parameters": [
            {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
            {
                "name": "wait",
                "in": "query",
                "required": False,
                "description": "Seconds to hold the request until there is something new.",
                "schema": {"type": "integer", "minimum": 0, "maximum": MAX_WAIT},
            },
            {
                "name": "If-None-Match",
                "in": "header",
                "required": False,
                "description": "The ETag of what you have.",
                "schema": {"type": "string"},
            },
        ],
        "responses": {
            "200": _json("The ticket.", TicketOut)
            | {
                "headers": {
                    "ETag": _header("Names this version of the ticket."),
                    "Retry-After": _header("Seconds to wait before the next request."),
                }
            },
            "304": {"description": "Nothing new."},
            **_problems(
                {
                    400: "`wait` is not a number of seconds from 0 to 20.",
                    401: "The token is missing.",
                    403: "The API key is missing or wrong.",
                    404: "There is no such ticket for this token.",
                    429: "Too many requests.",
                }
            ),
        },
    }


def _move(
    name: str, summary: str, answers: dict[str, Any], *, body: type[BaseModel] | None = None
) -> dict[str, Any]:
    meanings = {
        401: "The token is missing.",
        403: "The API key is missing or wrong.",
        404: "There is no such ticket for this token.",
        409: "The ticket's state does not allow it.",
        429: "Too many requests.",
    }
    if body:
        meanings |= {
            400: "The body is wrong; `errors` names the fields.",
            413: f"The body is larger than {MAX_BODY} bytes.",
            415: "The body is not application/json.",
        }
    return {
        "operationId": name,
        "summary": summary,
        "security": [{"application": [], "token": []}],
        "parameters": [
            {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
        ],
        **({"requestBody": _body(body)} if body else {}),
        "responses": answers | _problems(dict(sorted(meanings.items()))),
    }


def _body(model: type[BaseModel]) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": _reference(model)}}}


def _reference(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{model.__name__}"}


def _json(description: str, model: type[BaseModel]) -> dict[str, Any]:
    return {
        "description": description,
        "content": {"application/json": {"schema": _reference(model)}},
    }


def _problems(meanings: dict[int, str]) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": _reference(Problem)}}
    return {
        str(status): {"description": meaning, "content": content}
        for status, meaning in meanings.items()
    }


def _header(description: str) -> dict[str, Any]:
    return {"description": description, "schema": {"type": "string"}}
