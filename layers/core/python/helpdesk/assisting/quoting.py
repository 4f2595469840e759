"""The draft that is always there: quoted from the evidence, or a question back. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from helpdesk.assisting.looking import Known
from helpdesk.assisting.weighing import Weighed
from helpdesk.drafting import Part
from helpdesk.drafting.extracting import Kind, extractive
from helpdesk.evidence import Found, Origin
from helpdesk.speaking import speaking
from helpdesk.triage import Greet, Reason
from helpdesk.wording import asks


def quoted(weighed: Weighed, evidence: Sequence[Found]) -> tuple[Part, ...]:
    """Return the parts of the draft; without evidence they state no fact.

    Courtesy is answered with courtesy alone.
    """
    orders = [each for each in evidence if each.passage.origin is Origin.RECORD]
    parts = extractive(
        speaking(weighed.text).text,
        [_as_said(each) for each in evidence],
        name=weighed.customer.name,
        mood=weighed.understanding.sentiment,
        kind=_kind(weighed),
        slots=_slots(weighed),
    )
    if isinstance(weighed.decision, Greet):
        return parts[:1]
    if orders:
        told = (Part(text=each.passage.text, rests_on=(each.number,)) for each in orders)
        return (parts[0], *told, parts[-1])
    question = _question(weighed.known)
    return (parts[0], question) if question else parts


def _as_said(found: Found) -> Found:
    """Return an order as a text of the desk, which it is: the desk words what it tells of one."""
    if found.passage.origin is not Origin.RECORD:
        return found
    return replace(found, passage=replace(found.passage, origin=Origin.DOCUMENT))


def _kind(weighed: Weighed) -> Kind:
    if isinstance(weighed.decision, Greet):
        return Kind.THANKS
    person = weighed.person
    complains = weighed.vocabulary.asked("complaint", weighed.intent)
    if complains or (person and person.reason is Reason.ANGRY):
        return Kind.COMPLAINT
    return Kind.QUESTION if asks(weighed.text) else Kind.REQUEST


def _slots(weighed: Weighed) -> dict[str, str]:
    """Return what may fill the slots of a sentence: what is named, and what the shop knows."""
    known = weighed.known
    slots = {each.kind: each.value for each in weighed.understanding.entities}
    slots |= dict(known.record.fields) if known.record else {}
    for order in known.shown[:1]:
        slots |= {"order": order.number, "status": order.status}
        slots |= {"carrier": order.carrier} if order.carrier else {}
    return slots


def _question(known: Known) -> Part | None:
    """Return the question which order is meant, if there are several."""
    if not known.choices:
        return None
    named = [
        f"{each.number} of {each.placed_on.isoformat()}" if each.placed_on else each.number
        for each in known.choices
    ]
    return Part(text=f"Which of your orders do you mean: {', '.join(named)}?")
