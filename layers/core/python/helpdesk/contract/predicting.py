"""What is asked of a prediction, and what is said of a text."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, StringConstraints

from helpdesk import ticket
from helpdesk.contract.strictness import STRICT
from helpdesk.triage import Answer, Ask, Decision, Escalate, Greet, Understanding

MOST_TEXTS = 32
"""Texts one prediction request may hold."""


class PredictIn(BaseModel):
    """Texts to understand."""

    model_config = STRICT

    texts: Annotated[
        list[Annotated[str, StringConstraints(min_length=1, max_length=ticket.MAX_TEXT)]],
        Field(min_length=1, max_length=MOST_TEXTS),
    ] = Field(description="Messages as customers write them.", examples=[["Where is my order?"]])


class IntentOut(BaseModel):
    """A candidate: the probability is calibrated; an answer needs at least `required`."""

    intent: str
    probability: float
    required: float


class EntityOut(BaseModel):
    """Something named in the text, as `text[start:end]`, with its spelling and normal form."""

    kind: str
    value: str
    start: int
    end: int
    spelling: str


class PredictionOut(BaseModel):
    """What the desk understands of one text, and what it would decide."""

    decision: Literal["answer", "ask", "escalate", "greet"] = Field(
        description="`greet` replies politely to a message that is only polite."
    )
    reason: str | None = Field(description="Why the ticket would go to a person.")
    choices: list[str] = Field(description="The intents a customer would be asked to choose from.")
    intents: list[IntentOut] = Field(description="Best first.")
    scope: float = Field(description="How much it resembles what the desk knows, from 0 to 1.")
    sentiment: float = Field(description="From -1 (angry) to 1 (delighted).")
    language: str = Field(description="ISO 639-1, or und.")
    entities: list[EntityOut]
    model: str = Field(description="Which model, in which mode, decided.")

    @classmethod
    def of(cls, understanding: Understanding, decision: Decision) -> Self:
        """Return an understanding and a decision in the form for integrators."""
        names: dict[type, Literal["answer", "ask", "escalate", "greet"]] = {
            Answer: "answer",
            Ask: "ask",
            Escalate: "escalate",
            Greet: "greet",
        }
        return cls(
            decision=names[type(decision)],
            reason=decision.reason if isinstance(decision, Escalate) else None,
            choices=[a.intent for a in decision.choices] if isinstance(decision, Ask) else [],
            intents=[
                IntentOut(intent=each.name, probability=each.probability, required=each.required)
                for each in understanding.ranking
            ],
            scope=understanding.scope,
            sentiment=understanding.sentiment,
            language=understanding.language,
            entities=[
                EntityOut(
                    kind=each.kind,
                    value=each.value,
                    start=each.start,
                    end=each.end,
                    spelling=each.spelling,
                )
                for each in understanding.entities
            ],
            model=understanding.model,
        )


class PredictionsOut(BaseModel):
    """One prediction for each text, in their order."""

    predictions: list[PredictionOut]
