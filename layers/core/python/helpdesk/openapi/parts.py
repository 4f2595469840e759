"""The parts of the OpenAPI document that its operations share."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel

from helpdesk.contract import MAX_BODY, Problem

FILES_REFUSED = {
    401: "`files` are given, and the token of their ticket is missing.",
    404: "There is no such ticket for this token, or no such file.",
    503: "`files` are given, and the table of tickets does not answer.",
}
"""What a request may be refused for that names files of a ticket."""


BODY_REFUSED = {
    400: "The body or a header is wrong; `errors` names the fields.",
    413: f"The body is larger than {MAX_BODY} bytes.",
    415: "The body is not application/json.",
}
"""What a request with a body may be refused for."""


def given(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Return a header that may be given."""
    return {
        "name": name,
        "in": "header",
        "required": False,
        "description": description,
        "schema": schema,
    }


def files_token() -> dict[str, Any]:
    """Return the header with the token of a ticket whose files are asked for."""
    return given(
        "Authorization",
        "`Bearer` and the token of the ticket whose `files` the body names; not needed without.",
        {"type": "string"},
    )


def in_body(model: type[BaseModel]) -> dict[str, Any]:
    """Return what says that the body is such a model."""
    return {"required": True, "content": {"application/json": {"schema": reference(model)}}}


def reference(model: type[BaseModel]) -> dict[str, str]:
    """Return a reference to the schema of a model."""
    return {"$ref": f"#/components/schemas/{model.__name__}"}


def answer(description: str, model: type[BaseModel]) -> dict[str, Any]:
    """Return an answer that is such a model."""
    return {
        "description": description,
        "content": {"application/json": {"schema": reference(model)}},
    }


def problems(meanings: dict[int, str]) -> dict[str, Any]:
    """Return the problem documents, by status, with what each means."""
    content = {"application/problem+json": {"schema": reference(Problem)}}
    return {
        str(status): {"description": meaning, "content": content}
        for status, meaning in meanings.items()
    }


def header(description: str) -> dict[str, Any]:
    """Return a header of an answer."""
    return {"description": description, "schema": {"type": "string"}}


def for_servers(
    name: str,
    summary: str,
    result: dict[str, Any],
    model: type[BaseModel] | None = None,
    more: Mapping[int, str] = MappingProxyType({}),
) -> dict[str, Any]:
    """Return an operation that is for servers' keys, and about no ticket."""
    meanings = {
        403: "The API key is missing or wrong, or it is a page's.",
        429: "Too many requests.",
        **more,
    }
    return {"operationId": name, "summary": summary, **exchange({"200": result}, meanings, model)}


def exchange(
    answers: dict[str, Any], meanings: dict[int, str], model: type[BaseModel] | None = None
) -> dict[str, Any]:
    """Return what an operation takes and answers; a body that is such a model may be refused."""
    if model:
        meanings = meanings | BODY_REFUSED
    return {
        **({"requestBody": in_body(model)} if model else {}),
        "responses": answers | problems(dict(sorted(meanings.items()))),
    }
