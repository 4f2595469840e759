"""`helpdesk notify`: the channels over the template's own stack, and what leads may do."""

import pytest
from helpdesk.composition import Parts
from helpdesk.notifying import Channel, Name
from helpdesk.ticket import Agent, Role

from agent_cli.session import Session
from tests.fakes import MORNING
from tests.integration.test_agent_cli import Desk, desk  # noqa: F401 -- fixture

LENA = Agent("lena", frozenset({Role.AGENT, Role.LEAD}))


class Courier:
    """Answers as the courier does; `fault` is what a channel says, `fails` the function itself."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, bytes]] = []
        self.fault: str | None = None
        self.fails = False

    def invoke(self, function: str, event: bytes) -> tuple[bool, bytes]:
        self.asked.append((function, event))
        said = f'"{self.fault}"' if self.fault else "null"
        return not self.fails, f'{{"fault": {said}}}'.encode()


@pytest.fixture
def courier(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Courier:  # noqa: F811
    found = Courier()
    outputs = Session.outputs.fget  # type: ignore[attr-defined]
    on = {"Notified": " webhook  mail", "NotifyRules": "mail: legal overdue"}
    monkeypatch.setattr(Session, "outputs", property(lambda self: {**outputs(self), **on}))
    monkeypatch.setattr(Parts, "invoke", found.invoke)
    desk.knowledge.put_agent(LENA)
    return found


def test_each_channel_is_listed_with_what_it_hears_and_what_became_of_it(
    desk: Desk,  # noqa: F811
    courier: Courier,
) -> None:
    desk.tickets.notices.switch_off(Channel.WEBHOOK, "here", MORNING)

    found = {each["channel"]: each for each in desk.json("notify", "list")}
    states = [found[each]["state"] for each in ("webhook", "slack", "telegram", "mail")]
    assert states == ["gone", "off", "off", "on"]
    assert found["mail"]["hears"] == ["legal", "overdue"]
    assert len(found["webhook"]["hears"]) == len(Name)
    assert (found["slack"]["hears"], found["slack"]["sent"]) == ([], 0)
    table = desk.run("notify", "list")
    assert "legal, overdue" in table.stdout
    assert "4 channels" in table.stderr


def test_a_lead_has_the_courier_post_a_sample(desk: Desk, courier: Courier) -> None:  # noqa: F811
    done = desk.run("notify", "test", "webhook", agent="lena")

    assert (done.exit_code, "webhook took a sample" in done.stderr) == (0, True)
    assert courier.asked == [("courier", b'{"test": "webhook"}')]
    assert desk.json("notify", "test", "mail", agent="lena")["channel"] == "mail"


def test_why_a_channel_did_not_take_it_is_said(desk: Desk, courier: Courier) -> None:  # noqa: F811
    courier.fault = "it answered 404"
    failed = desk.run("notify", "test", "webhook", agent="lena")
    assert failed.exit_code == 1
    assert "webhook did not take it: it answered 404" in failed.stderr

    courier.fails = True
    assert "its log says why" in desk.run("notify", "test", "webhook", agent="lena").stderr


def test_a_channel_without_an_address_is_named(desk: Desk, courier: Courier) -> None:  # noqa: F811
    for verb in ("test", "on"):
        refused = desk.run("notify", verb, "slack", agent="lena")
        assert refused.exit_code == 3
        assert "slack is off: the stack has no address for it" in refused.stderr
    assert desk.run("notify", "test", "pigeon", agent="lena").exit_code == 2
    assert courier.asked == []


def test_one_that_is_gone_is_switched_on(desk: Desk, courier: Courier) -> None:  # noqa: F811
    desk.tickets.notices.switch_off(Channel.WEBHOOK, "here", MORNING)

    for _ in range(2):
        assert desk.json("notify", "on", "webhook", agent="lena")["state"] == "on"
    assert not desk.tickets.notices.record(Channel.WEBHOOK).is_off("here")
    assert courier.asked == []


@pytest.mark.parametrize("verb", ["test", "on"])
def test_other_agents_may_not(desk: Desk, courier: Courier, verb: str) -> None:  # noqa: F811
    desk.knowledge.put_agent(Agent("bea"))
    refused = desk.run("notify", verb, "webhook", agent="bea")

    assert refused.exit_code == 4
    assert "only leads" in refused.stderr
    assert courier.asked == []


def test_on_a_stack_of_an_earlier_version_all_are_off(desk: Desk) -> None:  # noqa: F811
    assert {each["state"] for each in desk.json("notify", "list")} == {"off"}
