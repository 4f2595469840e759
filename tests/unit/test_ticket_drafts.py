"""A draft belongs to what was said last; approving it is replying."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from helpdesk import stats, ticket
from helpdesk.drafting import Usage
from helpdesk.stats import Became
from helpdesk.ticket import (
    Change,
    Fate,
    IllegalMoveError,
    Move,
    NotAllowedError,
    StaleDraftError,
    State,
    Ticket,
)

from tests.fakes import ADA, AUDITOR, BOB
from tests.tickets import LATER, a_draft, claimed, handed_over, in_review, received

TEXT = a_draft().text


def test_a_draft_comes_with_the_move_that_hands_over_and_has_its_number() -> None:
    change = handed_over()

    assert change.draft is not None
    assert change.draft.number == change.after.version == change.event.number
    assert change.after.draft == change.event.changed["draft"]
    assert change.after.draft.rests_on == ("article:refund:1@3",)
    assert change.after.in_review


def test_the_draft_that_was_approved_is_the_reply_and_was_used() -> None:
    held = in_review()
    draft = handed_over().draft
    assert draft

    after = ticket.reply(held, ADA, draft.text, now=LATER, draft=draft).after

    assert (after.state, after.draft and after.draft.fate) == (State.ANSWERED, Fate.USED)
    assert not after.in_review


@pytest.mark.parametrize(("text", "share"), [(f"{TEXT} Yours, Ada", 0.13), ("No.", 0.9)])
def test_how_far_a_draft_was_edited_is_told(text: str, share: float) -> None:
    draft = handed_over().draft

    after = ticket.reply(in_review(), ADA, text, now=LATER, draft=draft).after

    assert after.draft is not None
    assert after.draft.fate is Fate.EDITED
    assert after.draft.edited == pytest.approx(share, abs=0.07)


SAID: dict[str, Callable[[Ticket], Change]] = {
    "the customer": lambda of: ticket.follow_up(of, "And now?", now=LATER),
    "an agent": lambda of: ticket.reply(of, ADA, "My own words.", now=LATER),
}


@pytest.mark.parametrize("say", SAID.values(), ids=SAID)
def test_a_message_of_anyone_takes_the_draft_away(say: Callable[[Ticket], Change]) -> None:
    change = say(in_review())

    assert change.after.draft is None
    assert stats.happening(change).draft is Became.STALE


ENDS: dict[str, Callable[[Ticket], Change]] = {
    "closed by an agent": lambda of: ticket.close(of, ADA, now=LATER),
    "closed by the customer": lambda of: ticket.withdraw(of, now=LATER),
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_a_ticket_that_people_do_not_have_any_more_has_no_draft(
    end: Callable[[Ticket], Change],
) -> None:
    assert end(in_review()).after.draft is None


@pytest.mark.parametrize(
    "move",
    [
        lambda of: ticket.note(of, BOB, "Look at the invoice.", now=LATER),
        lambda of: ticket.release(of, ADA, now=LATER),
        lambda of: ticket.transfer(of, ADA, department="billing", now=LATER),
    ],
)
def test_moves_of_agents_that_say_nothing_leave_the_draft(move: Callable[[Ticket], Change]) -> None:
    assert move(in_review()).after.in_review


def test_a_later_draft_takes_the_place_of_the_open_one() -> None:
    change = ticket.redraft(in_review(), a_draft("Better."), instead_of=2, now=LATER)

    assert (change.event.move, change.messages) == (Move.DRAFTED, ())
    assert change.draft
    assert change.after.draft
    assert change.draft.number == change.after.draft.number == change.after.version
    assert stats.happening(change).draft is Became.CAME


def test_a_draft_that_was_replaced_is_neither_approved_nor_dismissed_nor_replaced() -> None:
    after = ticket.redraft(in_review(), a_draft("Better."), instead_of=2, now=LATER).after
    old = handed_over().draft

    for move in (
        lambda: ticket.reply(after, ADA, TEXT, now=LATER, draft=old),
        lambda: ticket.dismiss(after, ADA, 2, now=LATER),
        lambda: ticket.redraft(after, a_draft(), instead_of=2, now=LATER),
    ):
        with pytest.raises(StaleDraftError, match="draft 2 was replaced by draft 4"):
            move()


def test_a_draft_of_a_ticket_that_moved_on_is_not_approved() -> None:
    draft = handed_over().draft
    moved_on = ticket.follow_up(in_review(), "And now?", now=LATER).after

    with pytest.raises(StaleDraftError, match="moved on"):
        ticket.reply(moved_on, ADA, TEXT, now=LATER, draft=draft)


def test_a_dismissed_draft_is_put_away_and_the_ticket_still_waits() -> None:
    change = ticket.dismiss(handed_over().after, BOB, 2, now=LATER)

    assert change.after.state is State.ESCALATED
    assert not change.after.in_review
    assert stats.happening(change).draft is Became.DISMISSED
    with pytest.raises(StaleDraftError):
        ticket.dismiss(change.after, BOB, 2, now=LATER)


def test_agents_who_only_read_dismiss_nothing() -> None:
    with pytest.raises(NotAllowedError):
        ticket.dismiss(handed_over().after, AUDITOR, 2, now=LATER)


def test_only_tickets_that_people_have_get_drafts() -> None:
    with pytest.raises(IllegalMoveError):
        ticket.redraft(received(), a_draft(), instead_of=2, now=LATER)
    with pytest.raises(StaleDraftError):
        ticket.redraft(claimed(), a_draft(), instead_of=2, now=LATER)


def test_what_engines_took_is_told_with_the_draft_that_came() -> None:
    usage = Usage(read=900, written=100, calls=1, microdollars=4200)
    drafted = ticket.redraft(in_review(), a_draft(usage=usage), instead_of=2, now=LATER)
    later = ticket.note(drafted.after, ADA, "Good.", now=LATER + timedelta(minutes=1))

    assert drafted.after.draft
    assert drafted.after.draft.tokens == 1000
    assert stats.happening(drafted).microdollars == 4200
    assert stats.happening(later).microdollars is None
