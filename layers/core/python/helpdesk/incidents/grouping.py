"""Which tickets are about the same, and when that is an incident. Pure."""

from collections.abc import Callable, Sequence
from itertools import combinations

from helpdesk.cases import cosine
from helpdesk.incidents.model import Incident, Rules, Voice

_FEWEST = 3
"""Pairs of words of the shorter text without which a share says nothing."""


def akin(one: Voice, other: Voice, rules: Rules) -> bool:
    """Tell whether two tickets of different customers are about the same.

    Numbers of orders and amounts do not matter: every customer has others. Numbers of errors do.
    """
    if one.errors and other.errors:
        return bool(one.errors & other.errors)
    share, near = _share(one, other), cosine(one.case.meaning, other.case.meaning)
    if share >= rules.contained or near >= rules.meant:
        return True
    if one.intent is None or one.intent != other.intent:
        return False
    goods = one.case.goods & other.case.goods
    return bool(goods) or share >= rules.contained_hint or near >= rules.meant_hint


def _share(one: Voice, other: Voice) -> float:
    shorter, longer = sorted((one.shingles, other.shingles), key=len)
    return len(shorter & longer) / len(shorter) if len(shorter) >= _FEWEST else 0.0


def incidents(
    voices: Sequence[Voice], rules: Rules, usual: Callable[[str | None], float | None]
) -> tuple[Incident, ...]:
    """Return the incidents among tickets, those with most customers first.

    Each is around one ticket, so no chain of likenesses joins what is not alike. A ticket belongs
    to one incident at most. `usual` says how many tickets of an intent come in such a span; it is
    asked only where enough customers are about the same.
    """
    near: dict[str, set[str]] = {each.id: {each.id} for each in voices}
    for one, other in combinations(voices, 2):
        if akin(one, other, rules):
            near[one.id].add(other.id)
            near[other.id].add(one.id)
    by_id = {each.id: each for each in voices}
    found: list[Incident] = []
    free = set(by_id)
    while free:
        middle = max(free, key=lambda each: (_customers(near[each] & free, by_id), each))
        around = near[middle] & free
        if _customers(around, by_id) < rules.customers:
            break
        free -= around
        expected = usual(by_id[middle].intent)
        if expected is None or len(around) > rules.times * expected:
            members = sorted(
                (by_id[each] for each in around), key=lambda v: (v.ticket.created_at, v.id)
            )
            found.append(Incident(middle=by_id[middle], voices=tuple(members), usual=expected))
    return tuple(sorted(found, key=lambda each: (-each.customers, each.id)))


def _customers(ids: set[str], by_id: dict[str, Voice]) -> int:
    return len({by_id[each].customer for each in ids})
