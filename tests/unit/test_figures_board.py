"""The course of days, and the board: hours against a week ago, shares, waiting times."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from helpdesk import figures, ticket
from helpdesk.figures import BOUNDS, LONGER, Board, Course, Day, Hour, Share, within
from helpdesk.figures.course import Counting, step, together
from helpdesk.stats import Happening, happening
from helpdesk.ticket import Move
from helpdesk.triage import Answer, Escalate, Reason

from tests.fakes import ADA, MORNING, an_article, an_understanding
from tests.figured import InMemoryFigures
from tests.tickets import submitted

ONE = timedelta(days=1)
HOUR = timedelta(hours=1)
TODAY = MORNING.date()
TOLD = replace(happening(submitted()), at=MORNING, came=TODAY, intent="refund")
ANSWERED = replace(TOLD, move=Move.ANSWERED)
UNDERSTOOD = an_understanding(("refund", 0.9))


def course(*given: Happening) -> Course:
    counting = Counting()
    for each in given:
        counting.add(each)
    return counting.course()


def a_day(back: int, *given: Happening) -> Day:
    """Return the counts of events that happened some days ago."""
    of, at = TODAY - back * ONE, MORNING - back * ONE
    moved = [replace(each, at=each.at - back * ONE, came=of) for each in given]
    found = figures.counted(of, moved, at)
    assert found
    return found


def board(*days: Day, span: int = 7) -> Board:
    shelf = InMemoryFigures()
    for each in days:
        shelf.keep(each)
    return figures.board(span, shelf=shelf, found=lambda _: {}, now=MORNING)


class TestTheCourseOfADay:
    def test_nothing_happened(self) -> None:
        assert course() == Course()
        assert Course().waits == {}

    def test_what_happened_is_counted_by_its_hour(self) -> None:
        handed = replace(TOLD, move=Move.ESCALATED, reason=Reason.LEGAL, at=MORNING + HOUR)
        found = course(TOLD, ANSWERED, handed, replace(TOLD, move=Move.NOTED))

        hour = MORNING.astimezone(UTC).hour
        assert found.hours == {
            str(hour): {"answered": 1, "received": 1},
            str(hour + 1): {"escalated": 1},
        }
        assert found.reasons == {"legal": 1}
        assert found.intents == {"refund": {"answered": 1, "escalated": 1}}

    def test_an_answer_that_did_not_help_counts_for_the_day_on_which_its_ticket_came(self) -> None:
        rated = replace(TOLD, move=Move.RATED, helpful=False, returned=True, came=TODAY - ONE)
        later = replace(TOLD, move=Move.FOLLOWED_UP, returned=True)
        found = course(ANSWERED, rated, later)

        assert found.answers == {
            str(TODAY - ONE): {"returned": 1},
            str(TODAY): {"given": 1, "returned": 1},
        }
        assert found.intents == {"refund": {"answered": 1, "returned": 2, "unhelpful": 1}}

    def test_the_rating_of_an_agents_reply_says_nothing_of_an_article(self) -> None:
        assert course(replace(TOLD, move=Move.RATED, helpful=False)).intents == {}

    def test_replies_are_counted_by_agent_and_by_how_long_the_customer_waited(self) -> None:
        replied = replace(TOLD, move=Move.REPLIED, actor="ada", waited=61)
        found = course(
            replied, replied, replace(replied, actor="bob"), replace(replied, waited=None)
        )

        assert found.agents == {"ada": {"120": 2}, "bob": {"120": 1}}
        assert found.waits == {"120": 3}

    def test_courses_add_up(self) -> None:
        one = course(ANSWERED)

        assert together([one, one]).intents == {"refund": {"answered": 2}}
        assert together([]) == Course()


class TestWaitingTimes:
    @pytest.mark.parametrize(
        ("seconds", "found"),
        [(0, "60"), (60, "60"), (61, "120"), (BOUNDS[-1], str(BOUNDS[-1])), (1e9, LONGER)],
    )
    def test_each_is_counted_by_the_first_step_that_it_is_within(
        self, seconds: float, found: str
    ) -> None:
        assert step(seconds) == found

    def test_a_share_of_them_is_within_a_step(self) -> None:
        waits = {"60": 5, "3600": 4, LONGER: 1}

        assert [within(waits, share) for share in (0.1, 0.5, 0.9, 0.91)] == [60, 60, 3600, None]
        assert within({}, 0.5) is None

    def test_the_steps_rise(self) -> None:
        assert list(BOUNDS) == sorted(set(BOUNDS))


class TestTheBoard:
    def test_of_a_desk_that_was_never_counted(self) -> None:
        found = board()

        assert found.days == ()
        assert len(found.hours) == 24
        assert {each.answered for each in found.hours} == {None}

    def test_an_hour_stands_beside_the_same_one_a_week_before(self) -> None:
        found = board(a_day(0, ANSWERED), a_day(7, ANSWERED, ANSWERED), span=1)

        assert found.hours[-1] == Hour(
            at=MORNING.astimezone(UTC).replace(minute=0, second=0, microsecond=0),
            answered=1,
            escalated=0,
            answered_before=2,
            escalated_before=0,
        )
        assert found.hours[0].at == found.hours[-1].at - 23 * HOUR
        assert [each.day for each in found.days] == [TODAY]

    def test_hours_of_a_day_of_an_earlier_version_are_not_known(self) -> None:
        old = replace(a_day(0, ANSWERED), course=Course())

        found = board(old)

        assert found.hours[-1].answered is None
        assert found.figures.total.answered == 1

    def test_an_answer_of_another_day_that_returned_counts_for_its_own_day(self) -> None:
        yesterday = a_day(1, ANSWERED, ANSWERED)
        back = replace(TOLD, move=Move.FOLLOWED_UP, returned=True, came=TODAY - ONE)
        today = figures.counted(TODAY, [back], MORNING)
        assert today

        found = board(yesterday, today)

        assert found.days == (
            Share(day=TODAY - ONE, answered=2, escalated=0, given=2, returned=1),
            Share(day=TODAY, answered=0, escalated=0, given=0, returned=0),
        )
        assert (found.days[0].automatic, found.days[0].stayed) == (1, 0.5)
        assert (found.days[1].automatic, found.days[1].stayed) == (None, None)

    def test_its_figures_are_those_of_the_days(self) -> None:
        shelf = InMemoryFigures()
        shelf.keep(a_day(0, TOLD, ANSWERED))
        shelf.keep(a_day(8, TOLD))
        now = MORNING

        found = figures.board(7, shelf=shelf, found=lambda _: {}, now=now)

        assert found.figures == figures.figures(7, shelf=shelf, found=lambda _: {}, now=now)
        assert found.course.intents == {"refund": {"answered": 1}}


class TestWhetherAnAnswerEndedTheMatter:
    """`returned` of an event."""

    def answered(self) -> ticket.Ticket:
        answer = Answer(an_article("refund"))
        return ticket.settle(submitted().after, UNDERSTOOD, answer, now=MORNING).after

    def test_the_customer_writes_again(self) -> None:
        again = ticket.follow_up(self.answered(), "and the shipping costs?", now=MORNING)

        assert happening(again).returned is True

    def test_thanks_are_no_new_matter(self) -> None:
        assert happening(ticket.follow_up(self.answered(), "thanks!", now=MORNING)).returned is None

    def test_the_customer_says_that_it_did_not_help(self) -> None:
        rated = ticket.rate(self.answered(), helpful=False, comment=None, now=MORNING)
        good = ticket.rate(self.answered(), helpful=True, comment=None, now=MORNING)

        assert (happening(rated).returned, happening(good).returned) == (True, None)

    def test_what_an_agent_answered_is_not_the_desks(self) -> None:
        escalated = ticket.settle(
            submitted().after, UNDERSTOOD, Escalate(Reason.LOW_CONFIDENCE), now=MORNING
        ).after
        claimed = ticket.claim(escalated, ADA, length=HOUR, now=MORNING).after
        replied = ticket.reply(claimed, ADA, "We do.", now=MORNING).after

        assert happening(ticket.follow_up(replied, "and then?", now=MORNING)).returned is None

    def test_a_question_that_was_withdrawn_was_never_answered(self) -> None:
        closed = ticket.withdraw(submitted().after, now=datetime.now(UTC)).after

        assert happening(ticket.follow_up(closed, "one more thing", now=MORNING)).returned is None
