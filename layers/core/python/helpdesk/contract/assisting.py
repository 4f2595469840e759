"""What a shop's server sends of a message that a person has to answer, and what is suggested."""

from datetime import UTC, date, datetime
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    Strict,
    StringConstraints,
    model_validator,
)
from pydantic_core import PydanticCustomError

from helpdesk import assisting, naming, records, ticket
from helpdesk.assisting import Asked, Assisted, Mood, Talked
from helpdesk.contract.queries import Address, Problem, Reference, Text, Title
from helpdesk.contract.strictness import STRICT
from helpdesk.evidence import Origin
from helpdesk.knowledge import Priority
from helpdesk.ticket import Customer

CUSTOMERS = frozenset({"prospect", "customer", "client", "user", "lead", "buyer", "visitor"})
"""What the customer is called among senders; every other sender is the shop."""

MOST_PARTS = 20
"""Texts that one message may be made of."""

MOST_HISTORY = 50
"""Messages of a history that may be sent; fewer are looked at."""


def _a_moment(said: object) -> object:
    """Refuse what is a day or a number: pydantic would take both for a moment."""
    if not (isinstance(said, str) and said[4:5] == "-" and said[10:11] in {"T", "t", " "}):
        raise PydanticCustomError("datetime", "a moment as in 2026-03-02T09:00:00Z")
    return said


def _in_utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _joined(content: str | list[str]) -> str | list[str]:
    """Refuse texts that are too long together."""
    if len(_one(content)) > ticket.MAX_TEXT:
        raise PydanticCustomError("too_long", f"at most {ticket.MAX_TEXT} characters in all")
    return content


def _one(content: str | list[str]) -> str:
    return content if isinstance(content, str) else " ".join(content)


type Content = Annotated[
    Text | Annotated[list[Text], Field(min_length=1, max_length=MOST_PARTS)],
    AfterValidator(_joined),
]
type Moment = Annotated[
    datetime, Strict(strict=False), BeforeValidator(_a_moment), AfterValidator(_in_utc)
]


class SaidIn(BaseModel):
    """A message: its text, or several that are joined with a space."""

    model_config = STRICT

    sender: Annotated[str, StringConstraints(min_length=1, max_length=64)] = Field(
        description="`prospect` or `customer`; every other sender is the shop.",
        examples=["prospect", "agent"],
    )
    content: Content = Field(description="What was said.", examples=["What does it cost?"])
    timestamp: Moment | None = Field(
        default=None,
        description="When; without a time zone it is UTC.",
        examples=["2026-03-02T09:00:00Z"],
    )

    @property
    def talked(self) -> Talked:
        """The message as the desk takes it."""
        by_customer = self.sender.strip().casefold() in CUSTOMERS
        return Talked(by_customer=by_customer, text=_one(self.content), at=self.timestamp)


class ProspectIn(BaseModel):
    """Who asks, as your server knows it. Records are looked up for this customer and no other."""

    model_config = STRICT

    reference: Reference | None = Field(
        default=None, description="Your own id for the prospect.", examples=["C-1042"]
    )
    email: Address | None = Field(default=None, description="An e-mail address.")
    name: Title | None = Field(default=None, description="How to address the prospect.")
    verified: bool = Field(
        default=True,
        description="False if a visitor only typed this: then no record is looked up.",
    )


class MessageToProcess(BaseModel):
    """A message that a person has to answer, with what was said before."""

    model_config = STRICT

    current_prospect_message: Content | SaidIn = Field(
        description="The message: a text, several, or an entry as in the history.",
        examples=["What does it cost for a team of twenty?"],
    )
    conversation_history: list[SaidIn] = Field(
        default=[],
        max_length=MOST_HISTORY,
        description="What was said before, oldest first. It counts instead of what is stored.",
    )
    prospect_id: Reference | None = Field(
        default=None,
        description="Your own id for the prospect, or the address: short for `prospect`.",
        examples=["C-1042"],
    )
    prospect: ProspectIn | None = None
    conversation_id: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = Field(
        default=None,
        description="The conversation that goes on. It knows its prospect and its history.",
    )

    @model_validator(mode="after")
    def _one_prospect(self) -> Self:
        if self.prospect_id and self.prospect:
            raise PydanticCustomError("prospect", "prospect_id or prospect, not both")
        return self

    @property
    def asked(self) -> Asked:
        """The message as the desk takes it."""
        now = self.current_prospect_message
        customer = Customer.named(self.prospect_id) if self.prospect_id else None
        if self.prospect:
            customer = Customer(**self.prospect.model_dump())
        return Asked(
            text=now.talked.text if isinstance(now, SaidIn) else _one(now),
            customer=customer,
            history=tuple(each.talked for each in self.conversation_history),
            conversation=self.conversation_id,
        )


class NextStepOut(BaseModel):
    """A step of the desk's vocabulary, with what must be known to do it."""

    action: str = Field(examples=["UPDATE_CRM"])
    details: dict[str, str]


class UsedToolOut(BaseModel):
    """A tool that was used: names of fields and digests it was given, and what came of it."""

    tool: str
    input: dict[str, str]
    output: str


class NamedEntityOut(BaseModel):
    """Something that the present turn names."""

    kind: str
    spelling: str
    value: str


class ClassificationOut(BaseModel):
    """What the present turn is. `intent` is null for what the desk does not know."""

    intent: str | None
    sentiment: Mood
    entities: list[NamedEntityOut]
    priority: Priority


class OrderOut(BaseModel):
    """An order of the prospect; of those that may be meant only number and date are told."""

    number: str
    status: str | None
    placed_on: date | None
    expected_on: date | None
    carrier: str | None
    tracking: str | None
    items: list[str]

    @classmethod
    def of(cls, order: records.Order) -> Self:
        """Return an order in the form for integrators."""
        return cls(
            number=order.number,
            status=order.status or None,
            placed_on=order.placed_on,
            expected_on=order.expected_on,
            carrier=order.carrier,
            tracking=order.tracking,
            items=list(order.items),
        )


class PassageOut(BaseModel):
    """A passage of the desk that was admitted as evidence; `score` goes from 0 to 1."""

    id: str
    origin: Origin
    title: str
    text: str
    score: float


class SuggestionOut(BaseModel):
    """A draft and next steps, with all that was looked up for them.

    `crm_data` holds the fields of the prospect's record, and `orders` if one was asked for; it is
    empty for a prospect without a record. `degraded` says that something did not answer, `lacking`
    what.
    """

    suggested_response_draft: str
    internal_next_steps: list[NextStepOut]
    tool_usage_log: list[UsedToolOut]
    confidence_score: float = Field(description="From 0 to 1.")
    reasoning_trace: str = Field(description="Decision, rules and numbers, a line each.")
    classification: ClassificationOut
    crm_data: dict[str, str | list[OrderOut]]
    knowledge_base_results: list[PassageOut] = Field(description="Best first, at most three.")
    conversation_id: str = Field(description="Send it with the next message.")
    degraded: bool
    lacking: list[str]

    @classmethod
    def of(cls, made: Assisted) -> Self:
        """Return what is suggested in the form for integrators."""
        fields: dict[str, str | list[OrderOut]] = dict(made.record.fields) if made.record else {}
        if made.orders:
            fields["orders"] = [OrderOut.of(each) for each in made.orders]
        return cls(
            suggested_response_draft=made.draft.text,
            internal_next_steps=[
                NextStepOut(action=each.action, details=dict(each.details)) for each in made.steps
            ],
            tool_usage_log=[
                UsedToolOut(tool=each.tool, input=dict(each.given), output=each.output)
                for each in made.used
            ],
            confidence_score=made.confidence,
            reasoning_trace="\n".join(made.trace),
            classification=_classified(made),
            crm_data=fields,
            knowledge_base_results=_shown(made),
            conversation_id=made.conversation,
            degraded=bool(made.lacking),
            lacking=list(made.lacking),
        )


def _classified(made: Assisted) -> ClassificationOut:
    return ClassificationOut(
        intent=made.intent,
        sentiment=made.mood,
        entities=[
            NamedEntityOut(
                kind=naming.KINDS.get(each.kind, each.kind),
                spelling=each.spelling,
                value=each.value,
            )
            for each in made.entities
        ],
        priority=made.priority,
    )


def _shown(made: Assisted) -> list[PassageOut]:
    return [
        PassageOut(
            id=each.passage.id,
            origin=each.passage.origin,
            title=each.passage.title,
            text=each.passage.text,
            score=round(each.score, 4),
        )
        for each in made.evidence[: assisting.MOST_SHOWN]
    ]


class ProcessedOut(BaseModel):
    """The answer: a suggestion, or with `ok` false why there is none. `code` is the status."""

    ok: bool
    code: int
    message: str
    data: SuggestionOut | None

    @classmethod
    def of(cls, made: Assisted) -> Self:
        """Return the answer with a suggestion."""
        told = "The message is processed." if not made.lacking else " ".join(made.lacking)
        return cls(ok=True, code=200, message=told, data=SuggestionOut.of(made))

    @classmethod
    def refused(cls, problem: Problem) -> Self:
        """Return the answer without one."""
        return cls(ok=False, code=problem.status, message=problem.detail, data=None)
