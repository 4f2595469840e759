"""Amazon Bedrock by Converse: one shape for every model that can use tools, and no key.

The draft is the input of a tool that the model must use. The client comes from outside and is made
at the first draft, for making it takes a good part of a second.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    ReadTimeoutError,
)
from botocore.parsers import ResponseParserError

from helpdesk.drafting import FREE, EngineError, Failure, Prices, Request, Usage, Written
from helpdesk.drafting.instructing import prompt
from helpdesk.engines import answers, posts

FAILURES = {
    "max_tokens": Failure.CUT_OFF,
    "model_context_window_exceeded": Failure.CUT_OFF,
    "guardrail_intervened": Failure.REFUSED,
    "content_filtered": Failure.REFUSED,
    "malformed_model_output": Failure.MALFORMED,
    "malformed_tool_use": Failure.MALFORMED,
}
"""What `stopReason` says of an answer that is no draft."""

CODES = {
    "throttlingexception": Failure.THROTTLED,
    "servicequotaexceededexception": Failure.THROTTLED,
    "modelnotreadyexception": Failure.THROTTLED,
    "modeltimeoutexception": Failure.TOO_SLOW,
}
"""What the codes of errors mean, in lower case; every other one is UNAVAILABLE."""

UNREADABLE = (ResponseParserError, ValueError, TypeError, AttributeError)
"""What botocore raises for a body that is no JSON object in UTF-8."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bedrock:
    """A model or an inference profile of Bedrock. `client` makes the client, or returns it."""

    model: str
    client: Callable[[], Any]
    prices: Prices = FREE

    @property
    def name(self) -> str:
        """The engine and its model."""
        return f"bedrock:{self.model}"

    def write(self, request: Request) -> Written:
        """Return the parts of a draft. Raises EngineError."""
        found = self._asked(request)
        usage = self._usage(found.get("usage"))
        why = found.get("stopReason")
        if why in FAILURES:
            raise EngineError(FAILURES[why], f"it stopped: {why}", usage)
        blocks = found.get("output", {}).get("message", {}).get("content", [])
        used = [each["toolUse"].get("input") for each in blocks if "toolUse" in each]
        return Written(parts=answers.parts_used(used, request, usage), usage=usage)

    def _asked(self, request: Request) -> dict[str, Any]:
        try:
            found: dict[str, Any] = self.client().converse(**self._parameters(request))
        except ClientError as error:
            code = str(error.response["Error"]["Code"])
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
            failure = CODES.get(code.lower(), Failure.UNAVAILABLE)
            if status == 429:
                failure = Failure.THROTTLED
            raise EngineError(failure, f"it answered {code}", posts.ASKED) from None
        except (ReadTimeoutError, ConnectTimeoutError):
            raise EngineError(Failure.TOO_SLOW, "it took too long", posts.ASKED) from None
        except BotoCoreError as error:
            why = f"not reached: {type(error).__name__}"
            raise EngineError(Failure.UNAVAILABLE, why, posts.ASKED) from None
        except UNREADABLE:
            raise EngineError(Failure.MALFORMED, "its answer cannot be read", posts.ASKED) from None
        return found

    def _parameters(self, request: Request) -> dict[str, Any]:
        return {
            "modelId": self.model,
            "system": [{"text": request.instructions}],
            "messages": [{"role": "user", "content": [{"text": prompt(request)}]}],
            "inferenceConfig": {"maxTokens": request.most},
            "toolConfig": {
                "tools": [
                    {
                        "toolSpec": {
                            "name": answers.NAME,
                            "description": answers.PURPOSE,
                            "inputSchema": {"json": answers.SCHEMA},
                        }
                    }
                ],
                "toolChoice": {
                    "any": {}
                },  # there is one tool, and more models know `any` than `tool`
            },
        }

    def _usage(self, found: Any) -> Usage:
        return self.prices.usage(
            posts.number(found, "inputTokens"), posts.number(found, "outputTokens")
        )
