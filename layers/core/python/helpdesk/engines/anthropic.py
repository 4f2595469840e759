"""The Messages API of Anthropic. The draft is the input of a tool that the model must use."""

from dataclasses import dataclass
from typing import Any

from helpdesk.drafting import FREE, EngineError, Failure, Prices, Request, Usage, Written
from helpdesk.drafting.instructing import prompt
from helpdesk.engines import answers, posts
from helpdesk.engines.keys import Key
from helpdesk.posting import Poster

URL = "https://api.anthropic.com"
VERSION = "2023-06-01"

FAILURES = {
    "max_tokens": Failure.CUT_OFF,
    "model_context_window_exceeded": Failure.CUT_OFF,
    "refusal": Failure.REFUSED,
}
"""What `stop_reason` says of an answer that is no draft."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Anthropic:
    """A model behind the Messages API at `url`."""

    model: str
    key: Key
    poster: Poster
    url: str = URL
    prices: Prices = FREE

    @property
    def name(self) -> str:
        """The engine and its model."""
        return f"anthropic:{self.model}"

    def write(self, request: Request) -> Written:
        """Return the parts of a draft. Raises EngineError."""
        at = f"{self.url.rstrip('/')}/v1/messages"
        found = posts.asked_with(self.key, self.poster, at, _headers, self._body(request))
        usage = self._usage(found.get("usage"))
        why = found.get("stop_reason")
        if why in FAILURES:
            raise EngineError(FAILURES[why], f"it stopped: {why}", usage)
        blocks = found.get("content")
        used = [
            each.get("input")
            for each in (blocks if isinstance(blocks, list) else [])
            if isinstance(each, dict) and each.get("type") == "tool_use"
        ]
        return Written(parts=answers.parts_used(used, request, usage), usage=usage)

    def _body(self, request: Request) -> dict[str, Any]:
        return {
            "model": self.model,
            "max_tokens": request.most,
            "system": request.instructions,
            "messages": [{"role": "user", "content": prompt(request)}],
            "tools": [
                {
                    "name": answers.NAME,
                    "description": answers.PURPOSE,
                    "input_schema": answers.SCHEMA,
                }
            ],
            "tool_choice": {
                "type": "tool",
                "name": answers.NAME,
                "disable_parallel_tool_use": True,
            },
        }

    def _usage(self, found: Any) -> Usage:
        read = sum(
            posts.number(found, name)
            for name in ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
        )
        return self.prices.usage(read, posts.number(found, "output_tokens"))


def _headers(key: str) -> dict[str, str]:
    return {"x-api-key": key, "anthropic-version": VERSION}
