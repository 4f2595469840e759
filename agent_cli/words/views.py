"""What the commands print for scripts, except tickets: the published schemas."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from helpdesk.contract import PredictionOut
from helpdesk.operations import DeadLetter
from helpdesk.ticket import Agent, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterView:
    """A dead letter; `fault` says what is wrong with its body, if anything."""

    id: str
    queue: str
    ticket: str | None
    receives: int
    sent_at: datetime
    fault: str | None
    body: str

    @classmethod
    def of(cls, letter: DeadLetter) -> Self:
        """Return the view of a dead letter."""
        return cls(
            id=letter.id,
            queue=letter.queue,
            ticket=letter.ticket_id,
            receives=letter.receives,
            sent_at=letter.sent_at,
            fault=None if letter.ticket_id else "names no ticket",
            body=letter.body,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportView:
    """What an import did, or would do, by intent."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    done: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictView:
    """How the desk would answer a text, with which version of which article, and why."""

    text: str
    answer: str | None
    intent: str | None
    version: int | None
    why: str
    prediction: PredictionOut


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentView:
    """An agent on the roster; no departments means all of them."""

    name: str
    roles: tuple[Role, ...]
    departments: tuple[str, ...]

    @classmethod
    def of(cls, agent: Agent) -> Self:
        """Return the view of an agent."""
        roles, departments = tuple(sorted(agent.roles)), tuple(sorted(agent.departments))
        return cls(name=agent.name, roles=roles, departments=departments)


@dataclass(frozen=True, slots=True, kw_only=True)
class CannedView:
    """A canned reply."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelView:
    """A model; its figures on the golden set are shares from 0 to 1, None if not measured."""

    version: str
    at: datetime
    in_force: bool
    refused: tuple[str, ...]
    intents: float | None
    precision: float | None
    answered: float | None
    strangers: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckView:
    """One check of the doctor; `advice` says what to do if it is not ok."""

    name: str
    ok: bool
    found: str
    advice: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionView:
    """An option of the terminal, and where its value comes from."""

    name: str
    value: str | None
    origin: str
