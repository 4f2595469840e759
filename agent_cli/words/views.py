"""What the commands print for scripts, except tickets: the published schemas."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from helpdesk.contract import PredictionOut
from helpdesk.curation import Replacement
from helpdesk.knowledge import Text
from helpdesk.learning import Failure, Published
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
    """What an import did, or would do, by intent; `facts` names the facts that it set."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    facts: tuple[str, ...]
    done: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaceView:
    """What replacing the knowledge did, or would do; articles by intent, golden cases counted.

    `facts` names the facts that come, change or go.

    `uncounted` are coming cases about intents without an article, by intent. `refused` says why the
    gate refused the model of the new edition, `failed` lists golden cases that it fails; `done` is
    false then, and if it was only to be shown. `model` is the one in force afterwards, None if the
    trainer has yet to learn it.
    """

    edition: int
    instead_of: int
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: tuple[str, ...]
    facts: tuple[str, ...]
    cases_coming: int
    cases_going: int
    cases: int
    uncounted: dict[str, int]
    done: bool
    model: str | None
    refused: tuple[str, ...]
    failed: tuple[Failure, ...]

    @classmethod
    def of(cls, plan: Replacement, model: Published | None, *, done: bool) -> Self:
        """Return the view of a replacement and of the model that it came to, if it was tried."""
        return cls(
            edition=plan.after.number,
            instead_of=plan.before.number,
            added=plan.added,
            changed=plan.changed,
            removed=plan.removed,
            unchanged=plan.unchanged,
            facts=plan.facts_changing,
            cases_coming=len(plan.cases_coming),
            cases_going=len(plan.cases_going),
            cases=len(plan.after.golden),
            uncounted=plan.uncounted,
            done=done,
            model=model.version if model and not model.refused else None,
            refused=model.refused if model else (),
            failed=model.failed if model else (),
        )


@dataclass(frozen=True, slots=True)
class FactsView:
    """All facts of the desk by their names, as they stand in a file beside articles."""

    facts: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class FactView:
    """A fact of the desk, and the intents of the articles that use it."""

    name: str
    text: str
    used_by: tuple[str, ...]


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
class TextView:
    """What customers are told on an occasion; version 0 is the text that comes with the product."""

    name: str
    language: str
    text: str
    version: int
    at: datetime | None
    by: str | None

    @classmethod
    def of(cls, text: Text) -> Self:
        """Return the view of a text."""
        return cls(
            name=text.name,
            language=text.language,
            text=text.text,
            version=text.version,
            at=text.at,
            by=text.by,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelView:
    """A model; its figures on the golden set are shares from 0 to 1, None if not measured.

    `edition` is the number of the knowledge it was learned from; `failed` lists golden cases that a
    refused model fails. A model is on probation until it is taught enough messages out of scope.
    `index` is the index of passages in force with it, empty without one; `retrieval` is the share
    of messages to which that has a passage of a right article among the nearest.
    """

    version: str
    edition: int
    on_probation: bool
    at: datetime
    in_force: bool
    refused: tuple[str, ...]
    failed: tuple[Failure, ...]
    intents: float | None
    precision: float | None
    answered: float | None
    strangers: float | None
    retrieval: float | None
    index: str


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleView:
    """The link that opens a console once; `by_number` is for a browser that knows no names."""

    link: str
    by_number: str
