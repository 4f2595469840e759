"""What the gate would say to a change of one article, and what the change does to golden cases.

Nothing is stored: a lead sees it before the change is made.
"""

from dataclasses import dataclass, replace

from helpdesk.knowledge import Amendment, Edition, taught
from helpdesk.learning.gate import judge, telling
from helpdesk.learning.lesson import Models, Rules, Teacher, fingerprint, measured_on
from helpdesk.learning.measuring import Failure, Figures, Measured


@dataclass(frozen=True, slots=True, kw_only=True)
class Foretold:
    """What follows from a change: the figures of the model then, and of the one in force now.

    Both are measured with the change's golden cases; None without any to measure by. `refused` says
    why the gate would not let the model in force. `failing` and `mended` are the cases that the one
    fails and the other does not. `taken` are the messages that are not for the desk and would be
    taken for the changed article.
    """

    after: Figures | None
    before: Figures | None
    refused: tuple[str, ...] = ()
    failing: tuple[Failure, ...] = ()
    mended: tuple[Failure, ...] = ()
    taken: tuple[str, ...] = ()


def foretell(
    edition: Edition, amendment: Amendment, *, models: Models, teacher: Teacher, rules: Rules
) -> Foretold:
    """Fit a model to an edition with a change made, and hold it against the model in force.

    A change that teaches nothing new is measured with the model in force. An edition that no model
    can be fitted to is refused.
    """
    amended = edition.amended(amendment)
    current = models.current()
    held = models.load(current.version) if current and models.holds(current.version) else None
    lesson = fingerprint(amended.articles, amended.retired)
    if held and current and current.knowledge == lesson:
        data = held
    else:
        try:
            data = teacher.fit(taught(amended.articles, amended.retired)).data
        except ValueError as error:
            return Foretold(after=None, before=None, refused=(str(error),))
    then = measured_on(amended, teacher, data, rules)
    if then is None:
        return Foretold(after=None, before=None)
    again = measured_on(amended, teacher, held, rules) if held and data is not held else then
    if held is None or again is None:
        return Foretold(after=then.figures, before=None, taken=_taken(then, amendment))
    # What is sent by itself may change as well: the figures of now are those of the old articles.
    now = measured_on(replace(edition, golden=amended.golden), teacher, held, rules) or again
    known, failed = ({each.text for each in found.failures} for found in (again, then))
    failing = tuple(each for each in then.failures if each.text not in known)
    return Foretold(
        after=then.figures,
        before=now.figures,
        refused=judge(then, again.figures, rules.tolerance),
        failing=telling(failing, ()),
        mended=tuple(each for each in again.failures if each.text not in failed),
        taken=_taken(then, amendment),
    )


def _taken(measured: Measured, amendment: Amendment) -> tuple[str, ...]:
    return measured.taken.get(amendment.article.intent, ())
