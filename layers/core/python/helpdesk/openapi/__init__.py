"""The OpenAPI document of the intake API, generated from the contract."""

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from helpdesk.contract import (
    MAX_BODY,
    MAX_WAIT,
    Accepted,
    AnalysisIn,
    AnalysisOut,
    CategoriesOut,
    Echoed,
    FeedbackIn,
    Health,
    MessageIn,
    MessageToProcess,
    Moved,
    PredictIn,
    PredictionsOut,
    Problem,
    ProcessedOut,
    Renewed,
    TicketOut,
)
from helpdesk.file_contract import (
    AnnouncedOut,
    AskedIn,
    AskedOut,
    AttachmentIn,
    AttachmentsOut,
    EchoedOut,
)
from helpdesk.headers import KEY, MAX_KEY
from helpdesk.openapi.assisting import process_message
from helpdesk.openapi.pages import pages
from helpdesk.openapi.parts import (
    FILES_REFUSED,
    answer,
    exchange,
    files_token,
    for_servers,
    given,
    header,
    in_body,
    problems,
    reference,
)

ACCEPTED: tuple[type[BaseModel], ...] = (EchoedOut, AskedOut, Echoed, Accepted)
"""What answers a question: with its files, and with itself, if it was asked for them."""

_MODELS: tuple[type[BaseModel], ...] = (
    AskedIn,
    *ACCEPTED,
    TicketOut,
    MessageIn,
    FeedbackIn,
    Moved,
    Renewed,
    AttachmentIn,
    AnnouncedOut,
    AttachmentsOut,
    PredictIn,
    PredictionsOut,
    AnalysisIn,
    AnalysisOut,
    CategoriesOut,
    MessageToProcess,
    ProcessedOut,
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
                    {"204": {"description": "The ticket is erased."}},
                ),
            },
            "/queries/{id}/messages": {
                "post": _move(
                    "followUp",
                    "Add a message, or choose one of the choices",
                    {"202": answer("The message is stored.", Moved)},
                    body=MessageIn,
                )
            },
            "/queries/{id}/feedback": {
                "post": _move(
                    "rate",
                    "Say whether the reply helped",
                    {"200": answer("It is recorded.", Moved)},
                    body=FeedbackIn,
                )
            },
            "/queries/{id}/close": {
                "post": _move("close", "Close the ticket", {"200": answer("It is closed.", Moved)})
            },
            "/queries/{id}/token": {
                "post": _move(
                    "renewToken",
                    "Exchange the token for a new one, for instance because it leaked",
                    {"200": answer("Only the new token opens the ticket.", Renewed)},
                )
            },
            "/queries/{id}/attachments": {"post": _announce(), "get": _attachments()},
            "/queries/{id}/attachments/{number}": {"get": _attachment()},
            "/predict": {
                "post": for_servers(
                    "predict",
                    "Understand texts without storing them",
                    answer("One prediction for each text.", PredictionsOut),
                    PredictIn,
                    {503: "No model is published, or the knowledge does not answer."},
                )
            },
            "/analyses": {
                "post": for_servers(
                    "analyse",
                    "Say what would become of a message, without storing it",
                    answer("What would become of it.", AnalysisOut),
                    AnalysisIn,
                    FILES_REFUSED,
                )
                | {"parameters": [files_token()]}
            },
            "/categories": {
                "get": for_servers(
                    "categories",
                    "List every label that an analysis may have",
                    answer("The labels.", CategoriesOut),
                )
            },
            "/process_message": {"post": process_message()},
            **pages(),
            "/health": {
                "get": {
                    "operationId": "health",
                    "summary": "Say whether the desk can accept questions",
                    "security": [],
                    "responses": {
                        "200": answer("The desk can accept questions.", Health),
                        **problems({503: "Something is missing; `errors` lists all of it."}),
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
            _idempotency_key(),
            given(
                "Prefer",
                "`return=representation` asks for the question as it was stored (RFC 7240).",
                {"type": "string", "examples": ["return=representation"]},
            ),
        ],
        "requestBody": in_body(AskedIn),
        "responses": {
            "202": {
                "description": "The question is stored.",
                "content": {
                    "application/json": {
                        "schema": {"anyOf": [reference(each) for each in ACCEPTED]}
                    }
                },
                "headers": {
                    "Location": header("Where to fetch the ticket."),
                    "Preference-Applied": header("The preference that was followed, if any."),
                },
            },
            **problems(
                {
                    400: "The body is not a question, or a header is wrong; `errors` names both.",
                    403: "The API key is missing or wrong, or it may not set what the body says of "
                    "the customer.",
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
                "description": "Seconds to wait for something new before the answer; while many "
                "wait it may be shorter, and Retry-After says when to look again.",
                "schema": {"type": "integer", "minimum": 0, "maximum": MAX_WAIT},
            },
            *_preconditions("304 if the ticket is in one of these versions."),
        ],
        "responses": {
            "200": answer("The ticket.", TicketOut)
            | {
                "headers": {
                    "ETag": header("Names this version of the ticket."),
                    "Retry-After": header("Seconds to wait before the next request."),
                }
            },
            "304": {"description": "Nothing new."},
            **problems(
                {
                    400: "`wait` is not a number of seconds from 0 to 20, or a header is wrong.",
                    401: "The token is missing.",
                    403: "The API key is missing or wrong.",
                    404: "There is no such ticket for this token.",
                    412: "The ticket's version is not one that `If-Match` names.",
                    429: "Too many requests.",
                }
            ),
        },
    }


def _announce() -> dict[str, Any]:
    return _move(
        "announceAttachment",
        "Say that a file follows, and get a form for it that lives some minutes",
        {"201": answer("The file is expected.", AnnouncedOut)},
        body=AttachmentIn,
        conflict="The ticket is closed, it has as many files as it may have, or the "
        "Idempotency-Key was used with another request.",
    )


def _attachments() -> dict[str, Any]:
    return _look(
        "attachments",
        "List the files of the ticket",
        {"200": answer("The files, in the order of their numbers.", AttachmentsOut)},
        {404: "There is no such ticket for this token."},
    )


def _attachment() -> dict[str, Any]:
    found = {
        "description": "The file is at this address, for some minutes.",
        "headers": {"Location": header("Where to save the file from; needs no token.")},
    }
    described = _look(
        "attachment",
        "Fetch a file of the ticket",
        {"303": found},
        {
            403: "The API key is missing or wrong, or the file is refused; `detail` says why.",
            404: "There is no such ticket for this token, or no such file.",
            409: "The file has not arrived, or is being checked; try again in a moment.",
            410: "The file was erased.",
        },
    )
    number = {"name": "number", "in": "path", "required": True, "schema": {"type": "string"}}
    described["parameters"].append(number | {"description": "The number of the file, from 1."})
    return described


def _look(
    name: str, summary: str, answers: dict[str, Any], meanings: dict[int, str]
) -> dict[str, Any]:
    always = {
        401: "The token is missing.",
        403: "The API key is missing or wrong.",
        429: "Too many requests.",
    }
    return {
        "operationId": name,
        "summary": summary,
        "security": [{"application": [], "token": []}],
        "parameters": [
            {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
        ],
        "responses": answers | problems(dict(sorted((always | meanings).items()))),
    }


def _move(
    name: str,
    summary: str,
    answers: dict[str, Any],
    *,
    body: type[BaseModel] | None = None,
    conflict: str = "The ticket's state does not allow it, or the Idempotency-Key was used with "
    "another request.",
) -> dict[str, Any]:
    meanings = {
        400: "A header is wrong; `errors` names it.",
        401: "The token is missing.",
        403: "The API key is missing or wrong.",
        404: "There is no such ticket for this token.",
        409: conflict,
        412: "The ticket's version does not meet the preconditions.",
        429: "Too many requests.",
    }
    return {
        "operationId": name,
        "summary": summary,
        "security": [{"application": [], "token": []}],
        "parameters": [
            {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
            _idempotency_key(),
            *_preconditions("412 if the ticket is in one of these versions."),
        ],
        **exchange(answers, meanings, body),
    }


def _idempotency_key() -> dict[str, Any]:
    return given(
        "Idempotency-Key",
        "The desk does a request with the same key only once, and gives it the same answer "
        "for 24 hours. Use a random key of visible ASCII characters.",
        {"type": "string", "minLength": 1, "maxLength": MAX_KEY, "pattern": KEY},
    )


def _preconditions(if_none_match: str) -> list[dict[str, Any]]:
    """Return the headers of RFC 9110, section 13: versions as ETag gives them, or `*`."""
    return [
        given(name, text, {"type": "string", "examples": ['"3"', '"3", "4"', "*"]})
        for name, text in (
            ("If-Match", "Do it only if the ticket is in one of these versions; otherwise 412."),
            ("If-None-Match", f"The versions that you have: {if_none_match}"),
        )
    ]
