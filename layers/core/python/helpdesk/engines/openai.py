"""Chat completions, as OpenAI, llama.cpp, Ollama, vLLM and LM Studio have them.

The draft is asked for by `response_format`, and not by a tool: servers of one's own hold a model to
a schema, but not all of them can make it use a tool.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from helpdesk.drafting import FREE, EngineError, Failure, Prices, Request, Usage, Written
from helpdesk.drafting.instructing import prompt
from helpdesk.engines import answers, posts
from helpdesk.engines.keys import Key
from helpdesk.posting import Poster

URL = "https://api.openai.com/v1"

FAILURES = {"length": Failure.CUT_OFF, "content_filter": Failure.REFUSED}
"""What `finish_reason` says of an answer that is no draft."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAI:
    """A model behind chat completions below `url`, such as `http://llm.example:8080/v1`."""

    model: str
    key: Key
    poster: Poster
    url: str = URL
    prices: Prices = FREE

    @property
    def name(self) -> str:
        """The engine and its model."""
        return f"openai:{self.model}"

    def write(self, request: Request) -> Written:
        """Return the parts of a draft. Raises EngineError."""
        at = f"{self.url.rstrip('/')}/chat/completions"
        found = posts.asked_with(self.key, self.poster, at, _headers, self._body(request))
        usage = self._usage(found.get("usage"))
        choice = posts.first(found.get("choices"))
        why = choice.get("finish_reason")
        if why in FAILURES:
            raise EngineError(FAILURES[why], f"it stopped: {why}", usage)
        said = choice.get("message")
        message = said if isinstance(said, dict) else {}
        if message.get("refusal"):
            raise EngineError(Failure.REFUSED, "it refused", usage)
        parts = answers.parts_in(message.get("content"), request, usage)
        return Written(parts=parts, usage=usage)

    def _body(self, request: Request) -> dict[str, Any]:
        return {
            "model": self.model,
            self._limit: request.most,
            "messages": [
                {"role": "system", "content": request.instructions},
                {"role": "user", "content": prompt(request)},
            ],
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": answers.NAME, "strict": True, "schema": answers.SCHEMA},
            },
        }

    @property
    def _limit(self) -> str:
        """OpenAI's newer models refuse the name that every other server knows."""
        ours = urlsplit(self.url).hostname == urlsplit(URL).hostname
        return "max_completion_tokens" if ours else "max_tokens"

    def _usage(self, found: Any) -> Usage:
        return self.prices.usage(
            posts.number(found, "prompt_tokens"), posts.number(found, "completion_tokens")
        )


def _headers(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"} if key else {}
