"""Planted bugs about levels, files, drafts, cases that come twice, and one reply to many."""

from collections.abc import Callable
from dataclasses import replace
from itertools import chain

import pytest
from helpdesk import considering, recognising, ticket
from helpdesk.cases import Recent
from helpdesk.files import receiving
from helpdesk.incidents import replying
from helpdesk.processing import settling
from helpdesk.ticket import Drafted, Ticket, by_agent, by_draft, changing

from tests.fakes import InMemoryTickets
from tests.lives.promises import Promise

type Bug = Callable[[pytest.MonkeyPatch], None]


def a_level_that_is_for_everyone(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(by_agent, "expect_entrusted", lambda *_: None)


def a_late_file_that_counts_for_nothing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ticket, "weigh", lambda *_, **__: None)


def a_reader_of_files_that_tells_no_one(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(receiving, "_tell", lambda *_, **__: None)


def a_threat_that_is_answered(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(considering, "kinds_in", lambda _: frozenset())
    patch.setattr(considering, "_graver", lambda decision, _: decision)


def a_worker_that_recognises_no_case(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(settling, "recognised", lambda *_, **__: recognising.OF_ITS_OWN)


def a_case_that_is_anyones(patch: pytest.MonkeyPatch) -> None:
    def recent(self: InMemoryTickets, key: str) -> Recent:
        known = [each.roots for each in self.recent_cases.values()]
        return replace(knows(self, key), roots=tuple(chain(*known)))

    knows = InMemoryTickets.recent
    patch.setattr(InMemoryTickets, "recent", recent)


def a_reply_to_all_that_the_law_gets_too(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(replying, "MANAGEMENT", 9)


def a_reply_to_all_that_counts_as_said(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(replying, "_failed", lambda *_: None)


def a_draft_that_outlives_what_was_said(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(changing, "_outdated", lambda *_, **__: False)


def a_draft_that_is_approved_too_late(patch: pytest.MonkeyPatch) -> None:
    def any_draft(_: Ticket, number: int) -> Drafted:
        return Drafted(number=number, engine="extractive")

    for room in (by_agent, by_draft, ticket):
        patch.setattr(room, "expect_draft", any_draft)


OF_MATTERS: tuple[tuple[Bug, Promise], ...] = (
    (a_level_that_is_for_everyone, Promise.ENTRUSTED),
    (a_late_file_that_counts_for_nothing, Promise.GRAVE),
    (a_reader_of_files_that_tells_no_one, Promise.GRAVE),
    (a_threat_that_is_answered, Promise.GRAVE),
    (a_worker_that_recognises_no_case, Promise.CASE),
    (a_case_that_is_anyones, Promise.CASE),
    (a_reply_to_all_that_the_law_gets_too, Promise.TO_ALL),
    (a_reply_to_all_that_counts_as_said, Promise.TO_ALL),
    (a_draft_that_outlives_what_was_said, Promise.DRAFT),
    (a_draft_that_is_approved_too_late, Promise.DRAFT),
)
