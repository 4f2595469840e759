"""Replies of the terminal that wait, and that Ctrl-C takes back (point 9)."""

# ruff: noqa: F811 -- tests name the fixture that they use

from unittest import mock

import pytest

from tests.integration.test_agent_cli import Desk, desk  # noqa: F401 -- a fixture

SLEEP = "agent_cli.undoing.time.sleep"


@pytest.fixture
def held(desk: Desk) -> str:
    ticket_id = desk.escalated(1)
    assert desk.run("ticket", "claim", ticket_id).exit_code == 0
    return ticket_id


def state(desk: Desk, ticket_id: str) -> str:
    return desk.json("ticket", "show", ticket_id)["ticket"]["state"]


def test_a_reply_waits_and_is_sent(desk: Desk, held: str) -> None:
    with mock.patch(SLEEP) as sleep:
        sent = desk.run("ticket", "reply", held, "It left today.", "--undo", "10s")
    assert sent.exit_code == 0, sent.stderr
    assert "sending in 10 s; Ctrl-C takes it back" in sent.stderr
    sleep.assert_called_once_with(10)
    assert state(desk, held) == "answered"


def test_ctrl_c_takes_it_back_and_keeps_the_text(desk: Desk, held: str) -> None:
    with mock.patch(SLEEP, side_effect=KeyboardInterrupt):
        sent = desk.run("ticket", "reply", held, "It left today.", "--undo", "10s")
    assert sent.exit_code == 130
    assert "taken back: nothing was sent" in sent.stderr
    assert "your text is kept" in sent.stderr
    assert state(desk, held) == "escalated"
    assert desk.run("ticket", "reply", held, "--draft").exit_code == 0
    said = desk.json("ticket", "show", held)["messages"]
    assert said[-1]["text"] == "It left today."


def test_what_would_be_refused_is_refused_before_the_wait(desk: Desk) -> None:
    ticket_id = desk.escalated(1)
    with mock.patch(SLEEP) as sleep:
        sent = desk.run("ticket", "reply", ticket_id, "Yes.", "--undo", "10s")
    assert sent.exit_code == 5
    sleep.assert_not_called()


@pytest.mark.parametrize("said", ["soon", "3h", "3m"])
def test_a_time_that_is_none_is_told_in_one_line(desk: Desk, said: str) -> None:
    sent = desk.run("ticket", "reply", "0" * 16, "Yes.", "--undo", said)
    assert sent.exit_code == 2
    assert "not a time to undo" in sent.stderr or "too long" in sent.stderr
    configured = desk.run("config", "set", "undo", said)
    assert configured.exit_code == 2


def test_the_inboxs_time_is_a_setting(desk: Desk) -> None:
    assert desk.run("config", "get", "undo").stdout.strip() == "5s"
    assert desk.run("config", "set", "undo", "0").exit_code == 0
    assert desk.run("config", "get", "undo").stdout.strip() == "0"
