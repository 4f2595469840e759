"""Engines for tests: one that writes what it is given, obeys, quotes its prompt, or breaks."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from helpdesk.drafting import EngineError, Failure, Part, Request, Usage, Written
from helpdesk.drafting.grounding import sentences
from helpdesk.drafting.instructing import parts_of, prompt

USAGE = Usage(read=100, written=10, calls=1, microdollars=5)


@dataclass
class Scripted:
    """Writes one answer after the other: parts, or a failure. Keeps what it was asked."""

    answers: Sequence[Sequence[Part] | Failure]
    asked: list[Request] = field(default_factory=list)
    name: str = "test:scripted"

    def write(self, request: Request) -> Written:
        """Return the next answer. Raises EngineError."""
        answer = self.answers[min(len(self.asked), len(self.answers) - 1)]
        self.asked.append(request)
        if isinstance(answer, Failure):
            raise EngineError(answer, "it failed", USAGE)
        return Written(parts=tuple(answer), usage=USAGE)


@dataclass
class Quoting:
    """Writes its whole prompt, with and without evidence."""

    name: str = "test:quoting"

    def write(self, request: Request) -> Written:
        """Return instructions and prompt as parts that rest on all evidence."""
        numbers = tuple(each.number for each in request.evidence)
        texts = (*(each.text for each in request.conversation), prompt(request))
        parts = [Part(text=text[:1900], rests_on=numbers) for text in texts]
        return Written(parts=(*parts, Part(text=request.instructions[:1900])), usage=USAGE)


@dataclass
class Broken:
    """Answers with a text that is no answer."""

    answer: str
    name: str = "test:broken"

    def write(self, request: Request) -> Written:
        """Read the text as every engine does. Raises EngineError."""
        return Written(parts=parts_of(self.answer, request.evidence), usage=USAGE)


@dataclass
class Obedient:
    """Writes all that an attack wants to be said, one part each.

    `citing` rests the parts on all evidence; `joining` hides them in true sentences.
    """

    wanted: Sequence[str]
    citing: bool = False
    joining: bool = False
    name: str = "test:obedient"

    def write(self, request: Request) -> Written:
        """Return the wanted texts as parts."""
        numbers = tuple(each.number for each in request.evidence) if self.citing else ()
        parts = [
            Part(text=f"{self._true(request)}{text}.", rests_on=numbers) for text in self.wanted
        ]
        return Written(parts=tuple(parts), usage=USAGE)

    def _true(self, request: Request) -> str:
        if not self.joining:
            return ""
        first = sentences(request.evidence[0].passage.text)[0]
        return f"{first.rstrip('.!?')}, and "
