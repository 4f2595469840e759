"""A session's answers have an end, and every thread works at a desk of its own."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError, UnauthorizedSSOTokenError
from helpdesk.agents import Query
from helpdesk.ports import NotFoundError

from agent_cli.known_stacks import KEPT, KnownStacks
from agent_cli.session import LASTING, IdentityError, Session, StackError
from tests.integration.conftest import REGION, Stack

ASKED = ("GetCallerIdentity", "DescribeStacks")


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class Calls(Counter[str]):
    """Counts the calls to AWS by operation; the next call raises `failing`, if set."""

    failing: Exception | None = None


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    counted = Calls()
    call = BaseClient._make_api_call

    def counting(self: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
        counted[operation] += 1
        if counted.failing:
            failing, counted.failing = counted.failing, None
            raise failing
        return call(self, operation, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", counting)
    return counted


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def session(stack: Stack, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Session:
    monkeypatch.setattr("agent_cli.session.NOT_AWS", "123456789012")  # moto's account
    return Session(stack_name="helpdesk", region=REGION, named="ada", clock=clock)


def test_identity_and_outputs_are_asked_once(session: Session, calls: Calls) -> None:
    for _ in range(3):
        assert session.agents_name == "ada"
        assert session.desk.workplace().agent.name == "ada"

    assert [calls[name] for name in ASKED] == [1, 1]


def test_they_are_asked_again_after_a_while(session: Session, calls: Calls, clock: Clock) -> None:
    session.desk.workplace()
    clock.now += LASTING - timedelta(seconds=1)
    session.desk.workplace()
    assert [calls[name] for name in ASKED] == [1, 1]

    clock.now += timedelta(seconds=1)
    session.desk.workplace()
    assert [calls[name] for name in ASKED] == [2, 2]


def test_a_desk_lasts_as_long_as_the_stack_stays_the_same(session: Session, clock: Clock) -> None:
    before = session.desk
    clock.now += LASTING
    assert session.desk is before

    session._outputs._known = ({**before.outputs, "TicketsTable": "another"}, clock.now)
    assert session.desk is not before
    assert session.desk.parts.resources["tickets_table"] == "another"


@pytest.mark.parametrize(
    "over",
    [
        ClientError({"Error": {"Code": "ExpiredTokenException"}}, "GetItem"),
        UnauthorizedSSOTokenError(),
    ],
)
def test_credentials_that_are_over_are_forgotten_at_once(
    session: Session, calls: Calls, over: Exception
) -> None:
    before = session.desk
    before.workplace()
    calls.failing = over
    with pytest.raises(type(over)), session.at_desk() as desk:
        desk.parts.tickets.get("0000000000000001")

    with session.at_desk() as desk:
        assert desk.workplace().tickets.get("0000000000000001") is None
        assert desk is not before
        assert desk.parts.session is not before.parts.session
    assert [calls[name] for name in ASKED] == [2, 2]


@pytest.fixture
def kept(stack: Stack, clock: Clock, tmp_path: Path) -> Callable[[], Session]:
    """Return a session as the next command makes one."""
    known = KnownStacks(tmp_path)
    return lambda: Session(stack_name="helpdesk", region=REGION, known=known, clock=clock)


def test_the_next_command_knows_the_stack_for_some_minutes(
    kept: Callable[[], Session], calls: Calls, clock: Clock
) -> None:
    assert kept().outputs == kept().outputs
    assert calls["DescribeStacks"] == 1

    clock.now += KEPT
    _ = kept().outputs
    assert calls["DescribeStacks"] == 2


@pytest.mark.parametrize(
    "code",
    ["ResourceNotFoundException", "AWS.SimpleQueueService.NonExistentQueue", "ExpiredToken"],
)
def test_a_stack_that_proves_otherwise_is_asked_again(
    kept: Callable[[], Session], calls: Calls, code: str
) -> None:
    here = kept()
    _ = here.outputs
    here.learn_from(ClientError({"Error": {"Code": "ThrottlingException"}}, "Query"))
    _ = here.outputs, kept().outputs
    assert calls["DescribeStacks"] == 1

    here.learn_from(ClientError({"Error": {"Code": code}}, "Query"))
    _ = kept().outputs
    assert calls["DescribeStacks"] == 2


def test_other_credentials_do_not_meet_what_these_were_told(
    kept: Callable[[], Session], calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    _ = kept().outputs
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "ANOTHER")
    _ = kept().outputs

    assert calls["DescribeStacks"] == 2


def test_looking_asks_nobodys_name(session: Session, calls: Calls, clock: Clock) -> None:
    overview = session.desk.overview
    assert overview.find(Query()) == ()
    assert overview.stats(clock.now, clock.now + timedelta(hours=1)).received == 0
    with pytest.raises(NotFoundError):
        overview.show("0000000000000001")
    with pytest.raises(NotFoundError):
        overview.history("0000000000000001")

    assert calls["GetCallerIdentity"] == 0


def test_another_fault_forgets_nothing(session: Session, calls: Calls) -> None:
    before = session.desk
    calls.failing = ClientError({"Error": {"Code": "ThrottlingException"}}, "GetItem")
    with pytest.raises(ClientError), session.at_desk() as desk:
        desk.parts.tickets.get("0000000000000001")

    assert session.desk is before


def test_every_thread_has_a_desk_of_its_own(session: Session, calls: Calls) -> None:
    with ThreadPoolExecutor(1) as one, ThreadPoolExecutor(1) as two:
        desks = [pool.submit(lambda: session.desk).result() for pool in (one, two, one, two)]

    assert desks[0] is desks[2]
    assert desks[1] is desks[3]
    assert len({id(desk.parts.session) for desk in (*desks, session.desk)}) == 3
    assert calls["DescribeStacks"] == 1


def test_a_stack_that_is_not_there_is_named(clock: Clock, stack: Stack) -> None:
    session = Session(stack_name="elsewhere", region=REGION, clock=clock)

    with pytest.raises(StackError, match="no stack 'elsewhere' in eu-central-1"):
        _ = session.desk


def test_a_name_of_ones_own_is_for_emulators(clock: Clock, stack: Stack) -> None:
    session = Session(stack_name="helpdesk", region=REGION, named="ada", clock=clock)

    with pytest.raises(IdentityError, match="for emulators"):
        _ = session.agent
