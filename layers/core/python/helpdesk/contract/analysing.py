"""What is asked of an analysis, and what is said of a message; which labels the desk gives."""

from collections.abc import Collection
from dataclasses import replace
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field, StringConstraints

from helpdesk import analysing, naming, severity
from helpdesk.contract.predicting import PredictionOut
from helpdesk.contract.queries import CustomerIn, Text
from helpdesk.contract.strictness import STRICT
from helpdesk.files import MOST_FILES, Attachment
from helpdesk.knowledge import Priority
from helpdesk.papers import Document
from helpdesk.ticket import Customer

MOODS: tuple[Literal["angry", "unhappy", "calm"], ...] = ("angry", "unhappy", "calm")
"""What a sentiment is called, the darkest first."""


def _once(numbers: list[int]) -> list[int]:
    if len(set(numbers)) < len(numbers):
        raise ValueError("each number once")
    return numbers


class FilesIn(BaseModel):
    """Files that were sent with a ticket before, by the numbers that they got there."""

    model_config = STRICT

    ticket: Annotated[str, StringConstraints(pattern=r"^[0-9a-hjkmnp-tv-z]{16}$")] = Field(
        description="The ticket's id. Its token is sent as `Authorization: Bearer`.",
        examples=["7k3mxq0v2r5t8w1z"],
    )
    numbers: Annotated[
        list[Annotated[int, Field(ge=1, le=MOST_FILES)]],
        Field(min_length=1, max_length=MOST_FILES),
        AfterValidator(_once),
    ] = Field(description="The numbers of the files.", examples=[[1, 2]])


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

    files: FilesIn | None = Field(
        default=None, description="Files that belong to the message, sent with a ticket before."
    )

    def message(self, files: Collection[Attachment] = ()) -> analysing.Message:
        """Return the message as the desk takes it, with what is known of its files."""
        given = self.customer.model_dump(exclude={"identity"})
        return analysing.Message(
            text=self.text,
            subject=self.subject,
            customer=Customer(**given),
            received_at=self.received_at,
            files=tuple(files),
        )


class FindingOut(BaseModel):
    """A rule that applies, its reason and its level, and where: "message" or "file 2"."""

    rule: str
    why: str
    level: int
    origin: str


class NamedOut(BaseModel):
    """Something that is named: one of the seven kinds, its spelling and normal form.

    `origin` is where: "message", which includes the subject, or "file 2".
    """

    kind: str
    spelling: str
    value: str
    origin: str


class FileOut(BaseModel):
    """A file of the message: what it is, why that is thought, and an extract of its own lines.

    `document` and `summary` are null as long as it is not read; `why` says why it has no text.
    """

    number: int
    name: str
    state: str = Field(description="As in `GET /queries/{id}/attachments`.")
    document: Document | None = Field(
        description="`photo` is a picture with hardly any text, mostly of goods."
    )
    reason: str | None = Field(description="Why it is taken for that document.")
    summary: str | None = Field(description="Lines of the file, not a text about it.")
    why: str | None

    @classmethod
    def of(cls, enclosed: analysing.Enclosed) -> Self:
        """Return a file in the form for integrators."""
        file, paper = enclosed.file, enclosed.paper
        return cls(
            number=file.number,
            name=file.name,
            state=file.state,
            document=paper.document if paper else None,
            reason=paper.why if paper else None,
            summary=paper.extract if paper else None,
            why=enclosed.lacking or (file.why.text if file.why else None),
        )


class AnalysisOut(BaseModel):
    """What would become of a message.

    `degraded` says that another analysis may say more, and `lacking` why: a file is not read yet,
    or the knowledge does not answer. Then only the words were judged, and `prediction` is null.
    `cached` says that the analysis is that of an earlier request, from `analysed_at`.
    """

    cached: bool
    degraded: bool
    lacking: list[str]
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
    files: list[FileOut]
    prediction: PredictionOut | None

    @classmethod
    def of(cls, made: analysing.Analysis) -> Self:
        """Return an analysis in the form for integrators."""
        found, of, meant = made.severity, made.of, made.understanding
        sentiment = meant.sentiment if meant else 0.0
        mood = MOODS[0 if sentiment <= -0.7 else 1 if sentiment <= -0.35 else 2]
        predicted = None
        if meant and made.decision is not None:
            here = tuple(each for each in meant.entities if each.where == analysing.MESSAGE)
            predicted = PredictionOut.of(replace(meant, entities=here), made.decision)
        return cls(
            cached=False,
            degraded=made.degraded,
            lacking=list(made.lacking),
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
                FindingOut(
                    rule=each.rule,
                    why=each.why,
                    level=each.level,
                    origin=each.where if each.where.startswith("file ") else analysing.MESSAGE,
                )
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
                    origin=each.where,
                )
                for each in made.entities
            ],
            files=[FileOut.of(each) for each in made.files],
            prediction=predicted,
        )

    @classmethod
    def told(cls, said: analysing.Told) -> Self:
        """Return an analysis as it was shown before, or now."""
        shown = cls.model_validate_json(said.said)
        return shown.model_copy(update={"cached": said.kept})


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
    documents: list[Document]

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
            documents=list(Document),
        )
