"""The types of variables that need more than a number or a word. Each checks its line."""

import re
from enum import StrEnum
from typing import Self

from helpdesk import hours

_ORIGIN = re.compile(r"https://[a-z0-9-]+(\.[a-z0-9-]+)*(:[0-9]{1,5})?")


class Calendar(str):
    """When the desk works, in a line that `helpdesk.hours` can read."""

    __slots__ = ()

    def __new__(cls, line: str = "") -> Self:
        """Check the line. Raises HoursError, which is a ValueError."""
        hours.read(line)
        return super().__new__(cls, line)


class ScaleError(ValueError):
    """A line that does not change the tables of severity; the message says which part."""


class Scale(str):
    """What the desk changes of the tables of severity, in a line that `helpdesk.severity` reads."""

    __slots__ = ()

    def __new__(cls, line: str = "") -> Self:
        """Check the line. Raises ScaleError, which is a ValueError."""
        if line:
            from helpdesk import severity  # noqa: PLC0415 -- most functions start without it

            try:
                severity.read(line)
            except severity.TablesError as error:
                raise ScaleError(str(error)) from error
        return super().__new__(cls, line)


class NextStepsError(ValueError):
    """A line that does not change the next steps; the message says which part."""


class NextSteps(str):
    """What the desk changes of its next steps, in a line that `helpdesk.steps` reads."""

    __slots__ = ()

    def __new__(cls, line: str = "") -> Self:
        """Check the line. Raises NextStepsError, which is a ValueError."""
        if line:
            from helpdesk import steps  # noqa: PLC0415 -- most functions start without it

            try:
                steps.read(line)
            except steps.StepsError as error:
                raise NextStepsError(str(error)) from error
        return super().__new__(cls, line)


class Categories(frozenset[str]):
    """Categories of articles, in a line with commas between them; case makes no difference."""

    __slots__ = ()

    def __new__(cls, line: str = "") -> Self:
        """Read the line."""
        return super().__new__(
            cls, filter(None, (each.strip().casefold() for each in line.split(",")))
        )

    def __reduce__(self) -> tuple[type[Self], tuple[str]]:
        """Return how a copy is made: out of a line, as this was."""
        return type(self), (",".join(sorted(self)),)


NO_CATEGORIES = Categories()
ALWAYS_OPEN = Calendar()
AS_SHIPPED = Scale()
STEPS_AS_SHIPPED = NextSteps()


class Switch(str):
    """`on` or `off`; only `on` is true."""

    __slots__ = ()

    def __new__(cls, word: str = "off") -> Self:
        """Check the word. Raises ValueError."""
        if word not in {"on", "off"}:
            raise ValueError(f"{word!r} is neither on nor off")
        return super().__new__(cls, word)

    def __bool__(self) -> bool:
        """Tell whether it is on."""
        return self == "on"


OFF = Switch()


class EngineKind(StrEnum):
    """Which engine writes drafts, beside the one that only quotes; NONE is no engine, and false."""

    NONE = ""
    BEDROCK = "bedrock"
    ANTHROPIC = "anthropic"
    OPENAI = "openai"


class Origins(tuple[str, ...]):
    """Origins of sites that may frame the page, in a line with blanks between them."""

    __slots__ = ()

    def __new__(cls, line: str = "") -> Self:
        """Read the line. Raises ValueError for what is no origin over https."""
        found = line.split()
        for each in found:
            if not _ORIGIN.fullmatch(each):
                raise ValueError(f"{each!r} is no origin such as https://shop.example")
        return super().__new__(cls, found)


NO_SITES = Origins()
