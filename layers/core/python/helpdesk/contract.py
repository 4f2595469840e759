"""What crosses the borders: requests, answers, problems and queue messages, validated."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from helpdesk import desk, ticket
from helpdesk.priority import Tier

MAX_BODY = 64 * 1024
"""Bytes of a request body; four bytes a character and the rest of a question fit well."""

MAX_WAIT = 20
"""Seconds a fetch may be held; the gateway gives up at 29."""

_STRICT = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)

type Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class TicketMessage(BaseModel):
    """A queue message: which ticket to look at. Never its text."""

    model_config = _STRICT

    ticket: Annotated[str, StringConstraints(pattern=r"^[0-9a-z]{16}$")]


class CustomerIn(BaseModel):
    """Who asks; everything is optional."""

    model_config = _STRICT

    email: (
        Annotated[
            str,
            StringConstraints(
                strip_whitespace=True, max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
            ),
        ]
        | None
    ) = Field(default=None, description="An e-mail address.", examples=["ada@example.com"])
    name: Line | None = Field(default=None, description="How to address the customer.")
    reference: Line | None = Field(default=None, description="Your own id for the customer.")
    tier: Tier = Field(default=Tier.STANDARD, description="The customer's standing with you.")


class QuestionIn(BaseModel):
    """A customer's question."""

    model_config = _STRICT

    text: Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=1, max_length=ticket.MAX_TEXT),
    ] = Field(description="What the customer asks.", examples=["Where is my order 12345?"])
    customer: CustomerIn = Field(default=CustomerIn(), description="Who asks.")
    channel: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,31}$")] = Field(
        default="web", description="Where the question came from.", examples=["web", "app"]
    )

    def question(self) -> desk.Question:
        """Return the question as the desk takes it."""
        return desk.Question(
            text=self.text,
            customer=ticket.Customer(**self.customer.model_dump()),
            channel=self.channel,
        )


class Accepted(BaseModel):
    """A question was stored. Keep the token: it alone opens the ticket, and is shown once."""

    id: str = Field(description="The ticket.")
    token: str = Field(description="Send it as `Authorization: Bearer <token>`.")
    status: ticket.State


class MessageOut(BaseModel):
    """One message of the conversation."""

    source: ticket.Source
    text: str
    at: datetime


class TicketOut(BaseModel):
    """A ticket as its customer sees it."""

    id: str
    status: ticket.State
    intent: str | None = Field(description="What the question was taken to be about.")
    score: float | None = Field(description="How sure the desk is of that, from 0 to 1.")
    reason: str | None = Field(description="Why a person has, or had, to look.")
    created_at: datetime
    updated_at: datetime
    messages: list[MessageOut] = Field(description="Everything said, oldest first.")

    @classmethod
    def of(cls, conversation: ticket.Conversation) -> Self:
        """Return what the customer may see of a conversation."""
        found = conversation.ticket
        ranking = found.understanding.ranking if found.understanding else ()
        return cls(
            id=found.id,
            status=found.state,
            intent=ranking[0].name if ranking else None,
            score=round(ranking[0].probability, 4) if ranking else None,
            reason=found.reason,
            created_at=found.created_at,
            updated_at=found.updated_at,
            messages=[
                MessageOut(source=said.source, text=said.text, at=said.at)
                for said in conversation.messages
            ],
        )


class Fault(BaseModel):
    """What is wrong with one field of a request."""

    field: str
    message: str
    limit: int | None = None


class Problem(BaseModel):
    """An error as RFC 9457 describes it."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[Fault] | None = None


class Health(BaseModel):
    """Whether the API can take questions."""

    status: str


def faults(error: ValidationError) -> list[Fault]:
    """Return what is wrong with a request, field by field, without repeating its content."""
    return [
        Fault(
            field=".".join(map(str, found["loc"])) or "body",
            message=found["msg"],
            limit=_limit(found.get("ctx", {})),
        )
        for found in error.errors(include_url=False, include_input=False)
    ]


def _limit(context: dict[str, object]) -> int | None:
    limits = (context.get(name) for name in ("max_length", "min_length"))
    return next((limit for limit in limits if isinstance(limit, int)), None)
