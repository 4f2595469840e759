"""What is asked of an analysis, and what is said of a message; which labels the desk gives."""

from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from helpdesk import analysing, naming, severity
from helpdesk.contract.predicting import PredictionOut
from helpdesk.contract.queries import CustomerIn, Text
from helpdesk.contract.strictness import STRICT
from helpdesk.knowledge import Priority
from helpdesk.ticket import Customer

MOODS: tuple[Literal["angry", "unhappy", "calm"], ...] = ("angry", "unhappy", "calm")
"""What a sentiment is called, the darkest first."""


class AnalysisIn(BaseModel):
    """A message as a shop got it."""

    model_config = STRICT

    text: Text = Field(description="What the customer wrote.", examples=["My lawyer will sue you."])
    subject: Annotated[str, StringConstraints(max_length=200)] = Field(
        default="", description="The subject of a mail."
    )
    customer: CustomerIn = Field(default=CustomerIn(), description="Who wrote it.")
    received_at: AwareDatetime | None = Field(
        default=None,
        description="When it came, with its time zone.",
        examples=["2026-03-02T09:00:00Z"],
    )

    def message(self) -> analysing.Message:
        """Return the message as the desk takes it."""
        given = self.customer.model_dump(exclude={"identity"})
        return analysing.Message(
            text=self.text,
            subject=self.subject,
            customer=Customer(**given),
            received_at=self.received_at,
        )


class FindingOut(BaseModel):
    """A rule that applies, its reason and its level."""

    rule: str
    why: str
    level: int


class NamedOut(BaseModel):
    """Something that the message names: one of the seven kinds, its spelling and normal form."""

    kind: str
    spelling: str
    value: str


class AnalysisOut(BaseModel):
    """What would become of a message.

    `degraded` says that only its words were judged, because the knowledge does not answer; then
    `prediction` is null. `cached` says that the analysis is that of an earlier request.
    """

    cached: bool
    degraded: bool
    analysed_at: AwareDatetime
    category: str | None = Field(description="The category of the likely article.")
    department: str | None
    matter: str = Field(description="One of the matters of `GET /categories`.")
    team: str
    level: int = Field(description="0 ordinary, 1 lead, 2 management, 3 legal.")
    legal: bool
    compensation: bool
    least_hours: int
    most_hours: int
    findings: list[FindingOut] = Field(description="Why it has its level and marks.")
    priority: Priority
    urgency: str = Field(description="The points of urgency, with a reason each.")
    due: AwareDatetime
    mood: Literal["angry", "unhappy", "calm"] | None
    entities: list[NamedOut]
    prediction: PredictionOut | None

    @classmethod
    def of(cls, made: analysing.Analysis, *, cached: bool) -> Self:
        """Return an analysis in the form for integrators."""
        found, of, meant = made.severity, made.of, made.understanding
        sentiment = meant.sentiment if meant else 0.0
        mood = MOODS[0 if sentiment <= -0.7 else 1 if sentiment <= -0.35 else 2]
        predicted = (
            PredictionOut.of(meant, made.decision) if meant and made.decision is not None else None
        )
        return cls(
            cached=cached,
            degraded=made.degraded,
            analysed_at=made.at,
            category=of.category,
            department=of.department,
            matter=found.matter or severity.OTHER,
            team=found.team or "",
            level=found.level,
            legal=found.legal,
            compensation=found.compensation,
            least_hours=found.least or 0,
            most_hours=found.most or 0,
            findings=[
                FindingOut(rule=each.rule, why=each.why, level=each.level)
                for each in found.findings
            ],
            priority=of.urgency.priority(of.urgency.since),
            urgency=of.urgency.explained(of.urgency.since),
            due=of.urgency.due,
            mood=mood if meant else None,
            entities=[
                NamedOut(
                    kind=naming.KINDS.get(each.kind, each.kind),
                    spelling=each.spelling,
                    value=each.value,
                )
                for each in made.entities
            ],
            prediction=predicted,
        )


class MatterOut(BaseModel):
    """A matter: its team, the categories of articles that it has, and its hours."""

    name: str
    team: str
    categories: list[str]
    effort: str


class LevelOut(BaseModel):
    """A level, its name, and the role that may take its tickets."""

    level: int
    name: str
    needs: str


class EffortOut(BaseModel):
    """An effort, and its hours."""

    name: str
    least_hours: int
    most_hours: int


class CategoriesOut(BaseModel):
    """Every label that an analysis may have."""

    matters: list[MatterOut]
    levels: list[LevelOut]
    efforts: list[EffortOut]
    marks: list[str]
    priorities: list[Priority]
    moods: list[str]
    entities: list[str]

    @classmethod
    def of(cls, tables: severity.Tables) -> Self:
        """Return the labels of a desk with these tables."""
        return cls(
            matters=[
                MatterOut(
                    name=name,
                    team=each.team,
                    categories=sorted(each.categories),
                    effort=each.effort,
                )
                for name, each in tables.matters.items()
            ],
            levels=[
                LevelOut(level=number, name=each.name, needs=each.needs)
                for number, each in enumerate(tables.levels)
            ],
            efforts=[
                EffortOut(name=name, least_hours=least, most_hours=most)
                for name, (least, most) in tables.efforts.items()
            ],
            marks=["legal", "compensation"],
            priorities=list(Priority),
            moods=list(MOODS),
            entities=list(naming.KINDS.values()),
        )
