"""The operation that suggests an answer to a message: all its answers have one form."""

from typing import Any

from helpdesk.contract import MAX_BODY, MessageToProcess, Problem, ProcessedOut
from helpdesk.openapi.parts import answer, in_body, problems, reference

_REFUSED = {
    400: "The body or a header is wrong, or no prospect is named; `message` says what.",
    404: "There is no such conversation of this prospect.",
    409: "A step applies that the desk forbids, or another request came first.",
    413: f"The body is larger than {MAX_BODY} bytes.",
    415: "The body is not application/json.",
    503: "No model is published, or a table does not answer: nothing is suggested.",
}


def process_message() -> dict[str, Any]:
    """Return the operation. The gateway's own refusals are problem documents."""
    forbidden = answer("The API key is missing or wrong, or it is a page's.", ProcessedOut)
    forbidden["content"]["application/problem+json"] = {"schema": reference(Problem)}
    return {
        "operationId": "processMessage",
        "summary": "Suggest a draft and next steps for a message; nothing is sent",
        "requestBody": in_body(MessageToProcess),
        "responses": {
            "200": answer("A draft and next steps.", ProcessedOut),
            **{str(status): answer(meaning, ProcessedOut) for status, meaning in _REFUSED.items()},
            "403": forbidden,
            **problems({429: "Too many requests."}),
        },
    }
