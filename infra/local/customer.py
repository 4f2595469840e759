"""A customer's side of the API, for stories, measurements and tries."""

from dataclasses import dataclass
from typing import Any, Self

import requests

PATIENCE = 35
"""Seconds for one request; the API answers a waiting fetch after 20."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a customer keeps of a question."""

    id: str
    token: str


@dataclass(frozen=True, slots=True)
class View:
    """A fetched ticket. `replies` are (source, text) pairs, oldest first."""

    status: str
    intent: str | None
    score: float
    reason: str | None
    replies: tuple[tuple[str, str], ...]

    @property
    def reply(self) -> str | None:
        """The last reply, if there is one."""
        return self.replies[-1][1].strip() if self.replies else None

    @classmethod
    def of(cls, body: dict[str, Any]) -> Self:
        """Return the view of an answer's body."""
        said = ((message["source"], message["text"]) for message in body["messages"])
        return cls(
            status=body["status"],
            intent=body["intent"],
            score=body["score"] or 0.0,
            reason=body["reason"],
            replies=tuple((source, text) for source, text in said if source != "customer"),
        )


@dataclass(frozen=True, slots=True)
class Link:
    """What the API says to one who asks for a file: 303 and where it is, or why not."""

    status: int
    url: str


class Customer:
    """Asks and fetches at `url` with the application's API key, over one connection."""

    def __init__(self, url: str, api_key: str) -> None:
        self._url = url
        self._http = requests.Session()
        self._http.trust_env = False
        self._http.headers["x-api-key"] = api_key

    def ask(self, text: str, *, key: str | None = None, **customer: str) -> Ticket:
        """Send a question. Raises requests.HTTPError for anything but 202."""
        answer = self._http.post(
            f"{self._url}/queries",
            json={"text": text, "customer": customer},
            headers={"Idempotency-Key": key} if key else {},
            timeout=PATIENCE,
        )
        answer.raise_for_status()
        return Ticket(answer.json()["id"], answer.json()["token"])

    def follow_up(self, ticket: Ticket, text: str) -> str:
        """Add a message; return the ticket's state. Raises requests.HTTPError for a refusal."""
        return self._add(ticket, "messages", {"text": text})

    def rate(self, ticket: Ticket, *, helpful: bool) -> str:
        """Rate the reply; return the ticket's state. Raises requests.HTTPError for a refusal."""
        return self._add(ticket, "feedback", {"helpful": helpful})

    def close(self, ticket: Ticket) -> str:
        """End a ticket; return its state. Raises requests.HTTPError for a refusal."""
        return self._add(ticket, "close", None)

    def announce(self, ticket: Ticket, name: str, media_type: str, size: int) -> dict[str, Any]:
        """Announce a file; return its `url` and `fields`. Raises requests.HTTPError."""
        answer = self._http.post(
            f"{self._url}/queries/{ticket.id}/attachments",
            json={"name": name, "media_type": media_type, "size": size},
            headers={"Authorization": f"Bearer {ticket.token}"},
            timeout=PATIENCE,
        )
        answer.raise_for_status()
        return dict(answer.json()["upload"])

    def link(self, ticket: Ticket, number: int | str, *, token: str | None = None) -> Link:
        """Ask for a file, with the ticket's token or another one."""
        answer = self._http.get(
            f"{self._url}/queries/{ticket.id}/attachments/{number}",
            headers={"Authorization": f"Bearer {token or ticket.token}"},
            allow_redirects=False,
            timeout=PATIENCE,
        )
        return Link(answer.status_code, answer.headers.get("Location", ""))

    def _add(self, ticket: Ticket, what: str, body: dict[str, Any] | None) -> str:
        answer = self._http.post(
            f"{self._url}/queries/{ticket.id}/{what}",
            json=body,
            headers={"Authorization": f"Bearer {ticket.token}"},
            timeout=PATIENCE,
        )
        answer.raise_for_status()
        return str(answer.json()["status"])

    def fetch(self, ticket: Ticket, *, wait: int = 0) -> View:
        """Fetch a ticket, after up to `wait` seconds. Raises requests.HTTPError."""
        answer = self._http.get(
            f"{self._url}/queries/{ticket.id}",
            params={"wait": wait} if wait else {},
            headers={"Authorization": f"Bearer {ticket.token}"},
            timeout=PATIENCE,
        )
        answer.raise_for_status()
        return View.of(answer.json())
