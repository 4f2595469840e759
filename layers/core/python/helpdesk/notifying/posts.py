"""What is posted to each kind of channel. Pure.

A webhook is signed as Standard Webhooks says: the receiver can tell that the desk wrote it, and
when, and that it has seen it before. Chats get plain text: nothing that a customer wrote can become
a command, a mention or a link with another name there.
"""

import hashlib
import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from helpdesk.notifying.content import TYPE, Content, moment
from helpdesk.notifying.ports import RefusedError

PREFIX = "whsec_"
LONGEST_OF_TELEGRAM = 4_096
LONGEST_OF_SLACK = 3_000
"""What a chat takes of a text: Telegram in units of UTF-16, Slack in characters of a section."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is posted: the address, the headers and the bytes."""

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Webhook:
    """A receiver of webhooks at `url`, with one secret or, while it changes, two."""

    url: str = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)

    def request(self, content: Content, *, message_id: str, now: datetime) -> Request:
        """Return the signed request. Raises RefusedError if a secret cannot be read."""
        body = _json({"type": TYPE, "timestamp": moment(content.at), "data": content.data})
        at = str(int(now.timestamp()))
        signed = f"{message_id}.{at}.".encode() + body
        headers = {
            "webhook-id": message_id,
            "webhook-timestamp": at,
            "webhook-signature": " ".join(signature(each, signed) for each in self.secrets),
        }
        return Request(self.url, headers, body)


@dataclass(frozen=True, slots=True)
class Slack:
    """A channel of Slack, by the address of an incoming webhook."""

    url: str = field(repr=False)

    def request(self, content: Content, *, message_id: str, now: datetime) -> Request:  # noqa: ARG002 -- Slack knows neither ids nor signatures
        """Return the request, of which nothing but the text is the customer's."""
        text = _fitting(content.lines)
        shown = {"type": "plain_text", "text": text, "emoji": False}
        blocks = [{"type": "section", "text": shown}]
        title = _escaped(content.title)
        plain = {"text": title, "blocks": blocks, "unfurl_links": False, "unfurl_media": False}
        return Request(self.url, {}, _json(plain))


@dataclass(frozen=True, slots=True)
class Telegram:
    """A chat of Telegram, written to by a bot with this token at the interface `api`."""

    api: str
    token: str = field(repr=False)
    chat: str = field(repr=False)

    @property
    def url(self) -> str:
        """What names the chat; a bot may get another token."""
        return f"{self.api}/{self.chat}"

    def request(self, content: Content, *, message_id: str, now: datetime) -> Request:  # noqa: ARG002 -- Telegram knows neither ids nor signatures
        """Return the request; without a mode of parsing the text arrives as it is."""
        plain = {
            "chat_id": self.chat,
            "text": _cut("\n".join(content.lines), LONGEST_OF_TELEGRAM),
            "link_preview_options": {"is_disabled": True},
        }
        return Request(f"{self.api.rstrip('/')}/bot{self.token}/sendMessage", {}, _json(plain))


def signature(secret: str, signed: bytes) -> str:
    """Return a signature of version 1. Raises RefusedError if the secret cannot be read."""
    try:
        key = b64decode(secret.removeprefix(PREFIX), validate=True)
    except ValueError:
        key = b""
    if not key or not secret.startswith(PREFIX):
        raise RefusedError("the secret of the webhook is not whsec_ and base64")
    return f"v1,{b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()}"


def _json(plain: Mapping[str, Any]) -> bytes:
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode()


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _fitting(lines: tuple[str, ...]) -> str:
    """Return escaped lines that fit into a section; no mark of escaping is cut apart."""
    text = "\n".join(lines)
    while len(escaped := _escaped(text)) > LONGEST_OF_SLACK:
        text = text[: -max(1, (len(escaped) - LONGEST_OF_SLACK) // len("&amp;"))]
    return escaped


def _cut(text: str, most: int) -> str:
    """Return a text of at most so many units of UTF-16."""
    return text.encode("utf-16-le", "replace")[: 2 * most].decode("utf-16-le", "ignore")
