"""Planted bugs, each with the promise it breaks: a check that finds nothing proves nothing."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from helpdesk import (
    announcing,
    considering,
    customers,
    erasure,
    figures,
    notifying,
    outbox,
    priority,
    reconciling,
    ticket,
)
from helpdesk.agents import LEASE, LEASE_GRACE, Received, Workplace
from helpdesk.agents.signals import Signals
from helpdesk.figures import Day
from helpdesk.ports import ConflictError, NotFoundError
from helpdesk.processing import sendable, settling
from helpdesk.receiving import Filing
from helpdesk.reconciling import Overdue
from helpdesk.repeating import Moved, Request
from helpdesk.ticket import (
    Awaiting,
    Change,
    Conversation,
    Lease,
    State,
    Ticket,
    by_agent,
    by_customer,
)
from helpdesk.triage import Answer, Escalate, Reason

from tests.fakes import InMemoryBonds, InMemoryMailbox, InMemoryTickets, _File
from tests.lives.planted_matters import OF_MATTERS, Bug
from tests.lives.promises import Promise
from tests.notices import InMemoryNotices
from tests.outboxes import InMemoryOutbox


def a_reconciler_blind_for(awaiting: Awaiting) -> Bug:
    sees = InMemoryTickets.overdue

    def overdue(self: InMemoryTickets, asked: Awaiting, now: datetime) -> list[Overdue]:
        return [] if asked is awaiting else sees(self, asked, now)

    def blind(patch: pytest.MonkeyPatch) -> None:
        patch.setattr(InMemoryTickets, "overdue", overdue)

    blind.__name__ = f"a_reconciler_blind_for_{awaiting}"
    return blind


def a_reconciler_that_trusts_the_count(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(reconciling, "RESEND_ANYWAY", timedelta(days=365))
    patch.setattr(reconciling, "RESEND_AT_LEAST_EVERY", timedelta(days=365))


def a_worker_that_does_not_look_at_the_state(patch: pytest.MonkeyPatch) -> None:
    reads = InMemoryTickets.latest

    def latest(self: InMemoryTickets, ticket_id: str) -> Conversation | None:
        found = reads(self, ticket_id)
        state = State.RECEIVED
        return found and Conversation(replace(found.ticket, state=state), found.messages)

    patch.setattr(InMemoryTickets, "latest", latest)


def a_worker_that_fills_nothing_in(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(sendable, "as_sent", lambda article, *_: article)


def a_table_without_conditions(patch: pytest.MonkeyPatch) -> None:
    def commit(self: InMemoryTickets, change: Change, submission: Any = None, **also: Any) -> None:
        filed = self._files.get(change.after.id)
        moved = filed and change.before and filed.ticket.version != change.before.version
        forced = replace(change, before=filed.ticket) if filed and moved else change
        stores(self, forced, submission, **also)

    stores = InMemoryTickets.commit
    patch.setattr(InMemoryTickets, "commit", commit)


def keys_that_are_forgotten(patch: pytest.MonkeyPatch) -> None:
    def commit(self: InMemoryTickets, change: Change, submission: Any = None, **also: Any) -> None:
        by_mail = change.before or change.after.channel == outbox.CHANNEL
        stores(self, change, submission if by_mail else None, **also)

    stores = InMemoryTickets.commit
    patch.setattr(InMemoryTickets, "commit", commit)


def leases_that_never_end(patch: pytest.MonkeyPatch) -> None:
    def holds(held: Ticket, agent: str, now: datetime, fence: int | None = None) -> Lease:
        if held.lease is None or held.lease.agent != agent:
            return expects(held, agent, now, fence)
        return held.lease

    expects = by_agent.expect_lease
    patch.setattr(by_agent, "expect_lease", holds)


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
    def moved(
        request: Request, _: str, move: Any, *, tickets: Any, now: datetime, **more: Any
    ) -> Any:
        if (found := tickets.get(request.ticket_id)) is None:
            raise NotFoundError(request.ticket_id)
        root = tickets.get(found.merged_into) if found.merged_into else None
        family = [request.ticket_id, *([root.id] if root else [])]
        if earlier := request.earlier(tickets, now, at=family):
            return customers._told(request.ticket_id, earlier)
        change: Change = move(root or found)
        with suppress(ConflictError):
            after = change.after
            sealed = more.get("sealed_token")
            tickets.commit(change, request.remembered(change, sealed, version=after.version))
        return change, Moved(request.ticket_id, after.state, after.version)

    patch.setattr(customers, "_moved", moved)


def an_agent_told_yes_too_early(patch: pytest.MonkeyPatch) -> None:
    def move(self: Workplace, ticket_id: str, how: Callable[[Ticket], Change]) -> Change:
        change = how(self.get(ticket_id))
        with suppress(ConflictError):
            self.tickets.commit(change)
        return change

    patch.setattr(Workplace, "move", move)


def messages_that_are_never_settled(patch: pytest.MonkeyPatch) -> None:
    def receive(self: Signals) -> Received | None:
        return self.queue.receive(LEASE + LEASE_GRACE)

    patch.setattr(Signals, "receive", receive)


def a_sleeper_that_is_reopened_asleep(patch: pytest.MonkeyPatch) -> None:
    moves = ticket.claim

    def claim(waiting: Ticket, *args: Any, **kwargs: Any) -> Change:
        change = moves(waiting, *args, **kwargs)
        change.event.changed.pop("snoozed_until", None)
        return replace(change, after=replace(change.after, snoozed_until=waiting.snoozed_until))

    patch.setattr(ticket, "claim", claim)


def a_move_that_brings_back_what_was_erased(patch: pytest.MonkeyPatch) -> None:
    def commit(self: InMemoryTickets, change: Change, submission: Any = None, **also: Any) -> None:
        if change.before and change.after.id in self.erasures:
            self._files[change.after.id] = _File(change.before)
        stores(self, change, submission, **also)

    stores = InMemoryTickets.commit
    patch.setattr(InMemoryTickets, "commit", commit)


def tickets_that_are_stored_without_their_bonds(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(InMemoryBonds, "note", lambda *_, **__: None)


def an_erasure_that_keeps_the_bonds(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(InMemoryBonds, "remove", lambda *_: None)


def an_erasure_that_keeps_the_cases(patch: pytest.MonkeyPatch) -> None:
    def erase(self: InMemoryTickets, gone: Ticket, erasure: Any) -> None:
        kept = dict(self.recent_cases)
        erases(self, gone, erasure)
        self.recent_cases = kept

    erases = InMemoryTickets.erase
    patch.setattr(InMemoryTickets, "erase", erase)


def moves_otherwise(name: str, how: Callable[[Change], Change]) -> Callable[..., Change]:
    """Return a move of the domain that does something else than it should."""
    moves = getattr(ticket, name)
    return lambda *args, **more: how(moves(*args, **more))


def changed(change: Change, **fields: Any) -> Change:
    """Return a change that sets some fields otherwise, and tells so in its event."""
    event = replace(change.event, changed=change.event.changed | fields)
    return replace(change, after=replace(change.after, **fields), event=event)


def a_rating_that_is_only_noted(patch: pytest.MonkeyPatch) -> None:
    def noted(change: Change) -> Change:
        helpful = change.after.helpful
        assert change.before
        after = replace(change.before, version=change.after.version, helpful=helpful)
        after = replace(after, updated_at=change.after.updated_at)
        return replace(
            change, after=after, event=replace(change.event, changed={"helpful": helpful})
        )

    patch.setattr(ticket, "rate", moves_otherwise("rate", noted))


def a_rating_for_another_reason(patch: pytest.MonkeyPatch) -> None:
    def otherwise(change: Change) -> Change:
        if change.after.state is not State.ESCALATED:
            return change
        return changed(change, reason=Reason.LOW_CONFIDENCE)

    patch.setattr(ticket, "rate", moves_otherwise("rate", otherwise))


def a_rating_the_wrong_way_round(patch: pytest.MonkeyPatch) -> None:
    rates = ticket.rate
    patch.setattr(
        ticket,
        "rate",
        lambda before, *, helpful, **more: rates(before, helpful=not helpful, **more),
    )


def a_rating_that_reopens_what_is_closed(patch: pytest.MonkeyPatch) -> None:
    def reopened(change: Change) -> Change:
        if change.after.helpful or change.after.state is not State.CLOSED:
            return change
        return changed(change, state=State.ESCALATED, reason=Reason.NOT_HELPED)

    patch.setattr(ticket, "rate", moves_otherwise("rate", reopened))


def a_follow_up_the_agent_never_gets(patch: pytest.MonkeyPatch) -> None:
    def to_the_desk(change: Change) -> Change:
        if change.event.changed.get("state") is not State.ESCALATED:
            return change
        return changed(change, state=State.RECEIVED)

    patch.setattr(ticket, "follow_up", moves_otherwise("follow_up", to_the_desk))


def a_follow_up_that_belongs_to_no_agent(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        ticket,
        "follow_up",
        moves_otherwise("follow_up", lambda change: changed(change, assignee=None)),
    )


def a_follow_up_that_keeps_the_old_rating(patch: pytest.MonkeyPatch) -> None:
    def rated(change: Change) -> Change:
        assert change.before
        if change.before.helpful is None or change.event.changed.keys() == {"messages"}:
            return change
        return changed(change, helpful=change.before.helpful)

    patch.setattr(ticket, "follow_up", moves_otherwise("follow_up", rated))


def customers_of_whom_no_queue_is_told(queue: str, promise: Promise) -> Bug:
    acts = {Promise.RATED: "rate", Promise.FOLLOWED_UP: "follow_up"}[promise]

    def deaf(patch: pytest.MonkeyPatch) -> None:
        does = getattr(customers, acts)

        def act(*args: Any, **ports: Any) -> Any:
            return does(*args, **{**ports, queue: SimpleNamespace(send=lambda _: None)})

        patch.setattr(customers, acts, act)

    told = str(promise).removesuffix(" in vain").replace(" ", "_")
    deaf.__name__ = f"{told}_and_{queue}_is_not_told"
    return deaf


def a_reopening_that_keeps_the_choices(patch: pytest.MonkeyPatch) -> None:
    def keeping(change: Change) -> Change:
        assert change.before
        return changed(change, choices=change.before.choices)

    patch.setattr(ticket, "reopen", moves_otherwise("reopen", keeping))


def a_merge_that_only_the_member_knows(patch: pytest.MonkeyPatch) -> None:
    def merge(root: Ticket, *others: Any, **more: Any) -> tuple[Change, Change]:
        of_root, of_other = merges(root, *others, **more)
        return changed(of_root, merged=root.merged), of_other

    merges = ticket.merge
    patch.setattr(ticket, "merge", merge)


def a_merged_ticket_that_hears_its_customer_itself(patch: pytest.MonkeyPatch) -> None:
    def moved(*of: Any, at_root: bool = True, **more: Any) -> Any:
        return moves(*of, at_root=False, **more)

    moves = customers._moved
    patch.setattr(customers, "_moved", moved)


def an_erasure_that_leaves_the_family(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(erasure, "_erase_family", lambda *_: None)


def another_message_on_what_is_closed(patch: pytest.MonkeyPatch) -> None:
    def add(of: Ticket, *said: Any, **more: Any) -> Change:
        if of.state is State.CLOSED:
            change = adds(replace(of, state=State.ANSWERED), *said, **more)
            return replace(change, before=of, after=replace(change.after, state=State.CLOSED))
        return adds(of, *said, **more)

    adds = ticket.add
    patch.setattr(ticket, "add", add)


def a_reply_that_looks_at_no_news(patch: pytest.MonkeyPatch) -> None:
    replies = ticket.reply

    def reply(*args: Any, seen: int | None, **more: Any) -> Change:
        return replies(*args, **more)

    patch.setattr(ticket, "reply", reply)


def a_hand_over_without_a_word(patch: pytest.MonkeyPatch) -> None:
    for room in (customers, settling, reconciling):
        patch.setattr(room, "announced", lambda change, _: change)


def a_hand_over_told_twice(patch: pytest.MonkeyPatch) -> None:
    def twice(change: Change, texts: Any) -> Change:
        told = announcing.announced(change, texts)
        if told is change or len(told.messages) == len(change.messages):
            return told
        number = told.after.messages + 1
        again = replace(told.messages[-1], number=number)
        return replace(changed(told, messages=number), messages=(*told.messages, again))

    for room in (customers, settling, reconciling):
        patch.setattr(room, "announced", twice)


def courtesy_that_wakes_an_agent(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(by_customer, "is_courtesy", lambda *_, **__: False)


def a_desk_deaf_to_danger(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(priority, "kinds_in", lambda _: frozenset())
    patch.setattr(considering, "kinds_in", lambda _: frozenset())


def danger_that_is_answered(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(considering, "kinds_in", lambda _: frozenset())
    decides = considering.decide

    def decide(understanding: Any, articles: Any, policy: Any, **more: Any) -> Any:
        decision = decides(understanding, articles, policy, **more)
        if isinstance(decision, Escalate) and articles:
            return Answer(next(iter(articles.values())))
        return decision

    patch.setattr(considering, "decide", decide)


def an_outbox_that_forgets(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(InMemoryOutbox, "add", lambda *_: None)


def a_mailroom_that_takes_what_it_took(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(InMemoryMailbox, "taken", lambda *_: False)
    remembers = InMemoryTickets._remember

    def remember(self: InMemoryTickets, after: Ticket, remembered: Any) -> None:
        self.taken.clear()
        remembers(self, after, remembered)

    patch.setattr(InMemoryTickets, "_remember", remember)


def a_mailroom_that_keeps_no_contents(patch: pytest.MonkeyPatch) -> None:
    for name in ("keep", "keep_missing"):
        patch.setattr(Filing, name, lambda *_: None)


def a_courier_that_forgets_its_mark(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(InMemoryNotices, "end", lambda *_: None)


def leads_told_again_of_the_same(patch: pytest.MonkeyPatch) -> None:
    def told(change: Change, heard_by: Any) -> Any:
        return tells(replace(change, before=None), heard_by)

    tells = notifying.notices
    patch.setattr(notifying, "notices", told)


def a_desk_that_tells_no_lead(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(InMemoryNotices, "store", lambda *_: None)


def figures_that_forget_what_changed_later(patch: pytest.MonkeyPatch) -> None:
    counts = figures.counted

    def counted(day: date, *told: Any) -> Day | None:
        found = counts(day, *told)
        return found and replace(found, moved={})

    patch.setattr(figures.keeping, "counted", counted)


BUGS: tuple[tuple[Bug, Promise], ...] = (
    *OF_MATTERS,
    (an_outbox_that_forgets, Promise.MAILED),
    (a_mailroom_that_takes_what_it_took, Promise.MAILED),
    (a_mailroom_that_keeps_no_contents, Promise.MAILED),
    (a_courier_that_forgets_its_mark, Promise.HEARD),
    (leads_told_again_of_the_same, Promise.HEARD),
    (a_desk_that_tells_no_lead, Promise.HEARD),
    (figures_that_forget_what_changed_later, Promise.FIGURES),
    (a_reconciler_blind_for(Awaiting.INTAKE), Promise.LOST),
    (a_reconciler_blind_for(Awaiting.ESCALATION), Promise.UNREACHABLE),
    (a_reconciler_blind_for(Awaiting.WAKING), Promise.UNREACHABLE),
    (a_reconciler_blind_for(Awaiting.CHOICE), Promise.LOST),
    (a_reconciler_that_trusts_the_count, Promise.UNREACHABLE),
    (a_worker_that_does_not_look_at_the_state, Promise.TWICE),
    (a_worker_that_fills_nothing_in, Promise.UNFILLED),
    (a_table_without_conditions, Promise.UNEXPLAINED),
    (keys_that_are_forgotten, Promise.KEY),
    (leases_that_never_end, Promise.NO_LEASE),
    (a_claim_on_what_another_holds, Promise.NO_LEASE),
    (a_reply_that_looks_at_no_news, Promise.NEWS),
    (an_event_that_leaves_something_out, Promise.UNEXPLAINED),
    (a_customer_told_yes_too_early, Promise.LOST),
    (an_agent_told_yes_too_early, Promise.LOST),
    (messages_that_are_never_settled, Promise.UNFINISHED),
    (a_sleeper_that_is_reopened_asleep, Promise.UNEXPLAINED),
    (a_move_that_brings_back_what_was_erased, Promise.ERASED),
    (tickets_that_are_stored_without_their_bonds, Promise.UNFOUND),
    (an_erasure_that_keeps_the_bonds, Promise.UNFORGOTTEN),
    (an_erasure_that_keeps_the_cases, Promise.UNFORGOTTEN),
    (a_rating_that_is_only_noted, Promise.RATED),
    (a_rating_for_another_reason, Promise.RATED),
    (a_rating_the_wrong_way_round, Promise.RATED),
    (a_rating_that_reopens_what_is_closed, Promise.RATED),
    (a_follow_up_the_agent_never_gets, Promise.FOLLOWED_UP),
    (a_follow_up_that_belongs_to_no_agent, Promise.FOLLOWED_UP),
    (a_follow_up_that_keeps_the_old_rating, Promise.UNEXPLAINED),
    (customers_of_whom_no_queue_is_told("escalations", Promise.RATED), Promise.RATED),
    (customers_of_whom_no_queue_is_told("escalations", Promise.FOLLOWED_UP), Promise.FOLLOWED_UP),
    (customers_of_whom_no_queue_is_told("intake", Promise.FOLLOWED_UP), Promise.FOLLOWED_UP),
    (a_reopening_that_keeps_the_choices, Promise.UNEXPLAINED),
    (a_merge_that_only_the_member_knows, Promise.UNEXPLAINED),
    (a_merged_ticket_that_hears_its_customer_itself, Promise.RATED),
    (an_erasure_that_leaves_the_family, Promise.ERASED),
    (another_message_on_what_is_closed, Promise.TWICE),
    (a_hand_over_without_a_word, Promise.TOLD),
    (a_hand_over_told_twice, Promise.TWICE),
    (courtesy_that_wakes_an_agent, Promise.COURTESY),
    (a_desk_deaf_to_danger, Promise.DANGER),
    (danger_that_is_answered, Promise.DANGER),
)

ALSO: dict[Bug, Promise] = {
    a_merged_ticket_that_hears_its_customer_itself: Promise.UNEXPLAINED,
    danger_that_is_answered: Promise.CASE,
}
"""A further promise that a bug breaks, where a life that shows it is drawn first."""
