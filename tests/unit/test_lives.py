"""Random lives of tickets over the ports in memory, and the proof that they would notice.

Without LIVES the lives are the same ones every time. A long run is a few thousand lives at a time,
each with a seed of its own:

    LIVES=5000 pytest tests/unit/test_lives.py -m slow -k no_life -s --hypothesis-seed=1
"""

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from helpdesk import desk, ticket
from helpdesk.agents import LEASE, LEASE_GRACE, Received, Workplace
from helpdesk.desk import Awaiting, ConflictError, NotFoundError, Overdue
from helpdesk.ticket import Change, Conversation, Lease, State, Ticket
from hypothesis import Phase, settings
from hypothesis.stateful import invariant, run_state_machine_as_test

from tests.fakes import InMemoryTickets, _File
from tests.lives.acts import CALMLY, Lives
from tests.lives.promises import BrokenPromiseError, Promise
from tests.lives.world import InMemory

pytestmark = pytest.mark.slow  # thousands of lives

EVERY_TIME = 2_000
STEPS = 40


class Memory(Lives):
    """Lives over the ports in memory; `lived` counts them, `steps` what happened in them."""

    lived = steps = 0

    def open_world(self) -> InMemory:
        Memory.lived += 1
        return InMemory()

    @invariant()
    def count_the_step(self) -> None:
        Memory.steps += 1


def live(most: int, **options: Any) -> None:
    chosen = settings(
        CALMLY, max_examples=most, stateful_step_count=STEPS, database=None, **options
    )
    run_state_machine_as_test(Memory, settings=chosen)


def test_no_life_of_a_ticket_breaks_a_promise() -> None:
    """T7 to T10, F5 to F7, F12, R14."""
    wanted = int(os.environ.get("LIVES", EVERY_TIME))
    Memory.lived = Memory.steps = 0
    live(wanted, derandomize="LIVES" not in os.environ)
    print(f"\n{Memory.lived} lives, {Memory.steps} steps")  # noqa: T201 -- for reports
    assert Memory.lived >= wanted


def a_reconciler_blind_for(awaiting: Awaiting) -> Callable[[pytest.MonkeyPatch], None]:
    sees = InMemoryTickets.overdue

    def overdue(self: InMemoryTickets, asked: Awaiting, now: datetime) -> list[Overdue]:
        return [] if asked is awaiting else sees(self, asked, now)

    def blind(patch: pytest.MonkeyPatch) -> None:
        patch.setattr(InMemoryTickets, "overdue", overdue)

    blind.__name__ = f"a_reconciler_blind_for_{awaiting}"
    return blind


def a_reconciler_that_trusts_the_count(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(desk, "RESEND_ANYWAY", timedelta(days=365))
    patch.setattr(desk, "RESEND_AT_LEAST_EVERY", timedelta(days=365))


def a_worker_that_does_not_look_at_the_state(patch: pytest.MonkeyPatch) -> None:
    reads = InMemoryTickets.opening

    def opening(self: InMemoryTickets, ticket_id: str) -> Conversation | None:
        found = reads(self, ticket_id)
        state = State.RECEIVED
        return found and Conversation(replace(found.ticket, state=state), found.messages)

    patch.setattr(InMemoryTickets, "opening", opening)


def a_table_without_conditions(patch: pytest.MonkeyPatch) -> None:
    def commit(self: InMemoryTickets, change: Change, _: object = None) -> None:
        filed = self._files.get(change.after.id)
        moved = filed and change.before and filed.ticket.version != change.before.version
        stores(self, replace(change, before=filed.ticket) if filed and moved else change)

    stores = InMemoryTickets.commit
    patch.setattr(InMemoryTickets, "commit", commit)


def keys_nobody_remembers(patch: pytest.MonkeyPatch) -> None:
    stores = InMemoryTickets.commit
    patch.setattr(InMemoryTickets, "commit", lambda self, change, _=None: stores(self, change))


def leases_that_never_end(patch: pytest.MonkeyPatch) -> None:
    def holds(held: Ticket, agent: str, now: datetime, fence: int | None = None) -> Lease:
        if held.lease is None or held.lease.agent != agent:
            return expects(held, agent, now, fence)
        return held.lease

    expects = ticket._expect_lease
    patch.setattr(ticket, "_expect_lease", holds)


def a_claim_on_what_another_holds(patch: pytest.MonkeyPatch) -> None:
    moves = ticket.claim
    patch.setattr(
        ticket, "claim", lambda held, *args, **more: moves(replace(held, lease=None), *args, **more)
    )


def an_event_that_leaves_something_out(patch: pytest.MonkeyPatch) -> None:
    moves = ticket.claim

    def claim(*args: Any, **kwargs: Any) -> Change:
        change = moves(*args, **kwargs)
        change.event.changed.pop("fence")
        return change

    patch.setattr(ticket, "claim", claim)


def a_customer_told_yes_too_early(patch: pytest.MonkeyPatch) -> None:
    def moved(ticket_id: str, _: str, move: Any, *, tickets: Any, now: datetime) -> Change:
        if (found := tickets.get(ticket_id)) is None:
            raise NotFoundError(ticket_id)
        change: Change = move(found)
        with suppress(ConflictError):
            tickets.commit(change)
        return change

    patch.setattr(desk, "_moved", moved)


def an_agent_told_yes_too_early(patch: pytest.MonkeyPatch) -> None:
    def move(self: Workplace, ticket_id: str, how: Callable[[Ticket], Change]) -> Change:
        change = how(self._get(ticket_id))
        with suppress(ConflictError):
            self.tickets.commit(change)
        return change

    patch.setattr(Workplace, "_move", move)


def messages_nobody_settles(patch: pytest.MonkeyPatch) -> None:
    def receive(self: Workplace) -> Received | None:
        return self.escalations.receive(LEASE + LEASE_GRACE)

    patch.setattr(Workplace, "_receive", receive)


def a_sleeper_that_is_reopened_asleep(patch: pytest.MonkeyPatch) -> None:
    moves = ticket.claim

    def claim(waiting: Ticket, *args: Any, **kwargs: Any) -> Change:
        change = moves(waiting, *args, **kwargs)
        change.event.changed.pop("snoozed_until", None)
        return replace(change, after=replace(change.after, snoozed_until=waiting.snoozed_until))

    patch.setattr(ticket, "claim", claim)


def a_move_that_brings_back_what_was_erased(patch: pytest.MonkeyPatch) -> None:
    def commit(self: InMemoryTickets, change: Change, submission: Any = None) -> None:
        if change.before and change.after.id in self.erasures:
            self._files[change.after.id] = _File(change.before)
        stores(self, change, submission)

    stores = InMemoryTickets.commit
    patch.setattr(InMemoryTickets, "commit", commit)


BUGS: Iterable[tuple[Callable[[pytest.MonkeyPatch], None], Promise]] = (
    (a_reconciler_blind_for(Awaiting.INTAKE), Promise.LOST),
    (a_reconciler_blind_for(Awaiting.ESCALATION), Promise.UNREACHABLE),
    (a_reconciler_blind_for(Awaiting.WAKING), Promise.UNREACHABLE),
    (a_reconciler_blind_for(Awaiting.CHOICE), Promise.LOST),
    (a_reconciler_that_trusts_the_count, Promise.UNREACHABLE),
    (a_worker_that_does_not_look_at_the_state, Promise.TWICE),
    (a_table_without_conditions, Promise.UNEXPLAINED),
    (keys_nobody_remembers, Promise.KEY),
    (leases_that_never_end, Promise.NO_LEASE),
    (a_claim_on_what_another_holds, Promise.NO_LEASE),
    (an_event_that_leaves_something_out, Promise.UNEXPLAINED),
    (a_customer_told_yes_too_early, Promise.LOST),
    (an_agent_told_yes_too_early, Promise.LOST),
    (messages_nobody_settles, Promise.UNFINISHED),
    (a_sleeper_that_is_reopened_asleep, Promise.UNEXPLAINED),
    (a_move_that_brings_back_what_was_erased, Promise.ERASED),
)


def test_every_promise_has_a_planted_bug() -> None:
    assert {promise for _, promise in BUGS} == set(Promise)


@pytest.mark.parametrize(("bug", "promise"), BUGS)
def test_a_planted_bug_is_found(
    bug: Callable[[pytest.MonkeyPatch], None], promise: Promise, monkeypatch: pytest.MonkeyPatch
) -> None:
    Memory.lived = 0
    bug(monkeypatch)
    with pytest.raises(BrokenPromiseError, match=f"^{promise}: "):
        live(3_000, derandomize=True, phases=[Phase.generate], report_multiple_bugs=False)
    print(f"\n| {promise} | {bug.__name__.replace('_', ' ')} | {Memory.lived} |")  # noqa: T201
