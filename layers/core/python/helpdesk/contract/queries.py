"""What customers send and get: requests, answers and problems; and what queues carry."""

import re
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)
from pydantic_core import PydanticCustomError, PydanticKnownError

from helpdesk import characters, customers, ticket
from helpdesk.contract.strictness import STRICT
from helpdesk.identity import Identity
from helpdesk.knowledge import Amendment
from helpdesk.priority import Tier

MAX_BODY = 64 * 1024
"""Bytes of a request body: room for a text of four-byte characters and the other fields."""

MAX_DEPTH = 8
"""How deep a body may be nested; a question is two deep."""

_FIELD = re.compile(r"[a-z][a-z0-9_]*")

MAX_WAIT = 20
"""Seconds a fetch may be held; the gateway gives up at 29."""


def _stripped(said: str) -> str:
    """Strip what was sent, once its length is judged as the published schema says it."""
    if characters.shows_nothing(said):
        raise PydanticKnownError("string_too_short", {"min_length": 1})
    return said.strip()


def _plain(said: str) -> str:
    if characters.hides_something(said):
        raise PydanticCustomError(
            "characters", "no control characters, direction marks or invisible characters"
        )
    return said


def _steady(said: str) -> str:
    if characters.steers(said) or characters.shows_nothing(said):
        raise PydanticCustomError("characters", "no control characters or direction marks")
    return said


type Text = Annotated[
    str,
    StringConstraints(min_length=1, max_length=ticket.MAX_TEXT),
    AfterValidator(_stripped),
]
type Line = Annotated[
    str, StringConstraints(min_length=1, max_length=200), AfterValidator(_stripped)
]
type Address = Annotated[
    str,
    StringConstraints(max_length=254, pattern=r"^\s*[^@\s]+@[^@\s]+\.[^@\s]+\s*$"),
    AfterValidator(_stripped),
    AfterValidator(_plain),
]
type Title = Annotated[Line, AfterValidator(_steady)]
type Reference = Annotated[Line, AfterValidator(_plain)]


class TicketMessage(BaseModel):
    """A queue message: which ticket to look at. Never its text."""

    model_config = STRICT

    ticket: Annotated[str, StringConstraints(pattern=r"^[0-9a-z]{16}$")]


class IdentityIn(BaseModel):
    """A shop's signature: it vouches for the customer's reference and address until a moment."""

    model_config = STRICT

    expires: Annotated[int, Field(ge=0, le=253_402_300_799)] = Field(
        description="When the signature ends, in seconds since 1970; at most 24 hours from now.",
        examples=[1_790_000_000],
    )
    signature: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] = Field(
        description="The HMAC-SHA256 of reference, address and end, in hexadecimal digits."
    )


class CustomerIn(BaseModel):
    """Who asks; everything is optional."""

    model_config = STRICT

    email: Address | None = Field(
        default=None, description="An e-mail address.", examples=["ada@example.com"]
    )
    name: Title | None = Field(default=None, description="How to address the customer.")
    reference: Reference | None = Field(default=None, description="Your own id for the customer.")
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = Field(
        default=None,
        description="The customer's country (ISO 3166), for answers that differ by country.",
        examples=["DE"],
    )
    tier: Tier = Field(
        default=Tier.STANDARD,
        description="The customer's standing with you. Only a server's API key may set it.",
    )
    identity: IdentityIn | None = Field(
        default=None,
        description="A shop's signature; without one, a page's customer is not verified.",
    )

    @property
    def signed(self) -> Identity | None:
        """Who the signature is about, if there is one."""
        if self.identity is None:
            return None
        return Identity(reference=self.reference, email=self.email, expires=self.identity.expires)


class QuestionIn(BaseModel):
    """A customer's question."""

    model_config = STRICT

    text: Text = Field(description="What the customer asks.", examples=["Where is my order 12345?"])
    customer: CustomerIn = Field(default=CustomerIn(), description="Who asks.")
    channel: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,31}$")] = Field(
        default="web", description="Where the question came from.", examples=["web", "app"]
    )

    def question(self, *, verified: bool = True, mailed: bool = False) -> customers.Question:
        """Return the question as the desk takes it; if `mailed`, an address gets replies too."""
        said = self.customer.model_dump(exclude={"identity"})
        return customers.Question(
            text=self.text,
            customer=ticket.Customer(
                **said, verified=verified, mailed=mailed and bool(said["email"])
            ),
            channel=self.channel,
        )


class MessageIn(BaseModel):
    """What a customer adds to a ticket: more text, or one of the choices."""

    model_config = STRICT

    text: Text = Field(
        description="What the customer adds.", examples=["It still has not arrived.", "2"]
    )


class FeedbackIn(BaseModel):
    """What a customer thought of the last reply."""

    model_config = STRICT

    helpful: bool = Field(description="False gives the ticket to a person.")
    comment: (
        Annotated[str, StringConstraints(min_length=1, max_length=1000), AfterValidator(_stripped)]
        | None
    ) = Field(default=None, description="A comment that only the desk sees.")


class Moved(BaseModel):
    """Where a ticket is after the customer did something to it."""

    id: str
    status: ticket.State


class Accepted(BaseModel):
    """A question was stored. Keep the token: only it opens the ticket, and it is shown once."""

    id: str = Field(description="The ticket.")
    token: str = Field(description="Send it as `Authorization: Bearer <token>`.")
    status: ticket.State


class CustomerOut(BaseModel):
    """Who asked, as the desk took it."""

    email: str | None
    name: str | None
    reference: str | None
    tier: Tier
    verified: bool = Field(description="Whether a server or a shop's signature confirms this.")


class QuestionOut(BaseModel):
    """A question as it was stored."""

    text: str
    customer: CustomerOut
    channel: str


class Echoed(Accepted):
    """A question was stored; this is it."""

    question: QuestionOut

    @classmethod
    def of(cls, accepted: Accepted, question: customers.Question) -> Self:
        """Return the acceptance with the question as the desk took it."""
        return cls(**accepted.model_dump(), question=QuestionOut(**asdict(question)))


class Renewed(BaseModel):
    """A new token opens the ticket; the old one no longer does. It is shown once."""

    id: str = Field(description="The ticket.")
    token: str = Field(description="Send it as `Authorization: Bearer <token>`.")


class MessageOut(BaseModel):
    """One message of the conversation."""

    source: ticket.Source
    sender: str | None = Field(
        description="Who wrote it by mail, if that is another address than the customer's."
    )
    text: str
    at: datetime

    @classmethod
    def of(cls, said: ticket.Message) -> Self:
        """Return a message as the customer sees it, who is not told the names of agents."""
        by_customer = said.source is ticket.Source.CUSTOMER
        sender = said.author if by_customer else None
        return cls(source=said.source, sender=sender, text=said.text, at=said.at)


class TicketOut(BaseModel):
    """A ticket as its customer sees it."""

    id: str
    status: ticket.State
    intent: str | None = Field(description="The subject that the desk found in the question.")
    score: float | None = Field(
        description="How sure the desk is of that, from 0 to 1; only for a server's API key."
    )
    reason: str | None = Field(
        description="Why the ticket went to a person; only for a server's API key."
    )
    created_at: datetime
    updated_at: datetime
    due_at: datetime | None = Field(
        description="By when a person is to answer, while an `escalated` ticket waits for one."
    )
    choices: list[str] = Field(description="What an `asked` customer chooses from, by number.")
    helpful: bool | None = Field(description="What the customer thought of the last reply.")
    messages: list[MessageOut] = Field(description="Everything said, oldest first.")

    @classmethod
    def of(cls, conversation: ticket.Conversation, *, server: bool = False) -> Self:
        """Return what the customer may see of a conversation, or the server that asks for them."""
        found = conversation.ticket
        ranking = found.understanding.ranking if found.understanding else ()
        return cls(
            id=found.id,
            status=found.state,
            intent=found.intent,
            score=round(ranking[0].probability, 4) if ranking and server else None,
            reason=found.reason if server else None,
            created_at=found.created_at,
            updated_at=found.updated_at,
            due_at=found.urgency.due if found.state is ticket.State.ESCALATED else None,
            choices=list(found.choices),
            helpful=found.helpful,
            messages=[MessageOut.of(said) for said in conversation.messages],
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


def amendment(written: object) -> Amendment:
    """Return a change of an article that a lead has the trainer foretell.

    Raises ValidationError.
    """
    return TypeAdapter(Amendment).validate_python(written)


def faults(error: ValidationError) -> list[Fault]:
    """Return what is wrong with a request, field by field, without repeating its content.

    Of a field that may have one of several forms, it is told why it has not the first one.
    """
    told: dict[str, Fault] = {}
    for found in error.errors(include_url=False, include_input=False):
        *path, last = found["loc"] or ("body",)
        named = list(filter(_is_named, path))
        if _is_named(last) or found["type"] == "extra_forbidden":  # which may have any name
            named.append(last)
        field = ".".join(map(str, named)) or "body"
        limit = _limit(found.get("ctx", {}))
        told.setdefault(field, Fault(field=field, message=found["msg"], limit=limit))
    return list(told.values())


def _is_named(step: int | str) -> bool:
    """Tell whether a step of a path is the request's, and no form that pydantic tried."""
    return isinstance(step, int) or _FIELD.fullmatch(step) is not None


def _limit(context: dict[str, object]) -> int | None:
    limits = (context.get(name) for name in ("max_length", "min_length", "le"))
    return next((limit for limit in limits if isinstance(limit, int)), None)
