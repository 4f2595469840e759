"""What the OpenAPI document says of what visitors read without a key."""

from typing import Any

from helpdesk.openapi.parts import given, header, problems


def pages() -> dict[str, Any]:
    """Return the routes of the customers' page and of the button that opens it."""
    lang = {
        "name": "lang",
        "in": "query",
        "required": False,
        "description": "The language wanted; else Accept-Language says it.",
        "schema": {"type": "string"},
    }
    none = problems({503: "The stack has no `PublicApiKeyValue`, so it has no page."})
    return {
        "/help": {
            "get": _document("help", "The page where customers ask", "text/html", [lang], none)
        },
        "/widget.js": {
            "get": _document(
                "widget", "The script that draws a button for the page", "text/javascript", [], {}
            )
        },
    }


def _document(
    name: str, summary: str, kind: str, parameters: list[dict[str, Any]], refused: dict[str, Any]
) -> dict[str, Any]:
    tagged = {"ETag": header("Names this content.")}
    seen = given("If-None-Match", "The content that the visitor has.", {"type": "string"})
    return {
        "operationId": name,
        "summary": summary,
        "security": [],
        "parameters": [*parameters, seen],
        "responses": {
            "200": {
                "description": "The document.",
                "headers": tagged,
                "content": {f"{kind}; charset=utf-8": {"schema": {"type": "string"}}},
            },
            "304": {"description": "The visitor has it already.", "headers": tagged},
            **refused,
        },
    }
