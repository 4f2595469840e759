"""Messages that failed too often: what they say, sent again or deleted by leads."""

from collections.abc import Sequence

from helpdesk import operations
from helpdesk.ports import NotFoundError
from helpdesk.ticket import NotAllowedError

from agent_cli.web.asking import Asked, Led, Page, Shown
from agent_cli.words import letters
from agent_cli.words.views import LetterView

PLACE = "/operations/dead-letters"


def listed(asked: Asked) -> Shown:
    """Show the dead letters. They stay in their queues; only leads may look into them."""
    if not asked.desk.agent().leads:
        return Shown("dead_letters.html", {"lead": False, "letters": [], "unseen": []})
    views = [LetterView.of(each) for each in operations.dead_letters(asked.desk.letters_of())]
    values = {"lead": True, "letters": views, "unseen": list(letters.unseen(views))}
    return Shown("dead_letters.html", values)


def one(asked: Asked) -> Shown:
    """Show all that is known of a letter, with its body."""
    _expect_lead(asked)
    name = asked.path("letter")
    for each in operations.dead_letters(asked.desk.letters_of()):
        if each.id == name:
            view = LetterView.of(each)
            return Shown("dead_letter.html", {"letter": view, "facts": letters.facts(view)})
    raise NotFoundError(f"no dead letter {name}; it was sent again or deleted meanwhile")


def redrive(asked: Asked) -> Shown | Led:
    """Try again what failed; twice does no harm."""
    _expect_lead(asked)
    names = _chosen(asked)
    if not names:
        return Led(PLACE, "Choose a dead letter first. Nothing was done.")
    done = operations.redrive(asked.desk.letters_of(), names)
    return Led(PLACE, f"sent {len(done)} again")


def discard(asked: Asked) -> Shown | Led:
    """Delete letters for good, after the lead has agreed to it."""
    _expect_lead(asked)
    names, queues = _chosen(asked), asked.desk.letters_of()
    if not names:
        return Led(PLACE, "Choose a dead letter first. Nothing was done.")
    if asked.text("agreed") != "yes":
        views = [LetterView.of(each) for each in operations.discard(queues, names, dry_run=True)]
        return Shown("dead_letters_discard.html", {"letters": views})
    done = operations.discard(queues, names)
    return Led(PLACE, f"discarded {len(done)}")


def _chosen(asked: Asked) -> Sequence[str]:
    return list(dict.fromkeys(each for each in asked.all("letter") if each))


def _expect_lead(asked: Asked) -> None:
    """Raise NotAllowedError, so that no call is made of which IAM would refuse a part."""
    agent = asked.desk.agent()
    if not agent.leads:
        raise NotAllowedError(f"only leads handle dead letters; {agent.name} is not a lead")


PAGES: dict[str, tuple[str, Page]] = {
    f"GET {PLACE}": ("dead-letters", listed),
    f"GET {PLACE}/{{letter}}": ("dead-letter", one),
    f"POST {PLACE}/redrive": ("dead-letters-redrive", redrive),
    f"POST {PLACE}/discard": ("dead-letters-discard", discard),
}
