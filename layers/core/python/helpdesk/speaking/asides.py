"""What is left aside, by kind, and the lines of a text that are. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from helpdesk.speaking.lines import Bounded, Line


class AsideKind(StrEnum):
    """What a part of a text is that is no part of what its customer newly says."""

    GREETING = "greeting"
    THANKS = "thanks"
    """Thanks, wishes and goodbyes."""
    ATTACHED = "attached"
    """Sentences that say no more than that something is attached."""
    SIGNATURE = "signature"
    QUOTE = "quote"
    FORWARD = "forward"
    DEVICE_FOOTER = "device_footer"
    LEGAL_FOOTER = "legal_footer"
    HEADER_BLOCK = "header_block"


@dataclass(frozen=True, slots=True)
class Aside:
    """A part of the text that was left aside, from `start` to before `end`."""

    kind: AsideKind
    start: int
    end: int


def in_order(asides: Iterable[Aside]) -> list[Aside]:
    """Return asides in the order in which they stand in the text."""
    return sorted(asides, key=lambda each: each.start)


@dataclass(slots=True)
class Sheet:
    """The lines of a text while it is looked at, and what was found to be left aside."""

    bounded: Bounded
    kinds: list[AsideKind | None] = field(init=False)
    inner: list[Aside] = field(default_factory=list)
    """Parts of lines."""

    def __post_init__(self) -> None:
        """Begin with all lines open."""
        self.kinds = [None] * len(self.lines)

    @property
    def lines(self) -> list[Line]:
        """Return the lines."""
        return self.bounded.lines

    @property
    def text(self) -> str:
        """Return the whole text."""
        return self.bounded.text

    def claim(self, kind: AsideKind, start: int, stop: int) -> None:
        """Leave lines aside that are still open."""
        for at in range(start, stop):
            self.kinds[at] = self.kinds[at] or kind

    def open_lines(self) -> list[int]:
        """Return the numbers of the lines that are not blank and not left aside."""
        return [at for at, line in enumerate(self.lines) if line.said and not self.kinds[at]]

    def following(self, at: int) -> int:
        """Return the number of the first line from `at` on that is not blank."""
        while at < len(self.lines) and not self.lines[at].said:
            at += 1
        return at

    def asides(self) -> list[Aside]:
        """Return what is left aside, in order; lines of one kind that follow each other as one."""
        found, last = list[Aside](), None
        for at, (line, kind) in enumerate(zip(self.lines, self.kinds, strict=True)):
            if not line.said:
                continue
            if kind and found and found[-1].kind is kind and last == kind:
                found[-1] = Aside(kind, found[-1].start, line.stop)
            elif kind:
                found.append(Aside(kind, line.start, line.stop))
            last = self.kinds[at]
        return in_order([*found, *self.inner])
