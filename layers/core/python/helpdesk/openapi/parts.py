"""The parts of the OpenAPI document that its operations share."""

from typing import Any

from pydantic import BaseModel

from helpdesk.contract import Problem


def given(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Return a header that may be given."""
    return {
        "name": name,
        "in": "header",
        "required": False,
        "description": description,
        "schema": schema,
    }


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
