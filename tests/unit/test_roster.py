"""The roster: leads set roles and departments, and these are what an agent may do."""

import pytest
from helpdesk import roster
from helpdesk.ports import NotFoundError
from helpdesk.ticket import Agent, NotAllowedError, Role

from tests.fakes import ADA, BOB, LEAD, InMemoryRoster

BEA = Agent("bea", frozenset({Role.AGENT}), frozenset({"billing"}))


def test_an_agent_who_is_not_on_the_roster_may_do_what_the_policies_allow() -> None:
    ada = roster.at_work("ada", InMemoryRoster())

    assert (ada.name, ada.leads, ada.works, ada.departments) == ("ada", True, True, frozenset())
    assert Role.AUDITOR not in ada.roles


def test_an_agent_on_the_roster_has_the_roles_and_departments_it_says() -> None:
    entries = InMemoryRoster()
    roster.enlist(BEA, lead=LEAD, roster=entries)

    assert roster.at_work("bea", entries) == BEA
    assert not roster.at_work("bea", entries).leads


def test_the_last_word_counts() -> None:
    entries = InMemoryRoster(BEA)
    changed = Agent("bea", frozenset({Role.AGENT, Role.LEAD}))
    roster.enlist(changed, lead=LEAD, roster=entries)

    assert entries.agents() == (changed,)


def test_only_leads_change_the_roster() -> None:
    entries = InMemoryRoster(BEA)

    with pytest.raises(NotAllowedError, match="bob is not a lead"):
        roster.enlist(ADA, lead=BOB, roster=entries)
    with pytest.raises(NotAllowedError, match="bob is not a lead"):
        roster.strike("bea", lead=BOB, roster=entries)
    assert entries.agents() == (BEA,)


def test_an_agent_struck_off_is_unlisted_again() -> None:
    entries = InMemoryRoster(BEA)

    assert roster.strike("bea", lead=LEAD, roster=entries) == BEA
    assert roster.at_work("bea", entries).leads
    with pytest.raises(NotFoundError, match="bea is not on the roster"):
        roster.strike("bea", lead=LEAD, roster=entries)
