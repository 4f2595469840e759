"""Signs of life of an agent at an editor: keys at the terminal, changes of the file."""

import os
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from helpdesk.agents import LEASE

from agent_cli.activity import Activity
from agent_cli.editor import Heartbeat
from tests.desk import Desk


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """A pseudo-terminal: the end of the person, and the end of the program."""
    person, program = os.openpty()
    yield person, program
    os.close(person)
    os.close(program)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "draft.txt"
    path.write_text("Dear Kim")
    return path


def age(path: Path, seconds: float) -> None:
    """Let a file look as if it was changed and read some seconds earlier."""
    found = path.stat()
    os.utime(path, (found.st_atime - seconds, found.st_mtime - seconds))


def test_nothing_happens_without_a_sign_of_life(file: Path) -> None:
    activity = Activity(file, terminal=None)

    assert not activity.since_last_look()
    assert file.read_text()
    assert not activity.since_last_look()


def test_a_saved_file_is_a_sign_of_life_once(file: Path) -> None:
    age(file, 60)
    activity = Activity(file, terminal=None)
    file.write_text("Dear Kim, yes")

    assert activity.since_last_look()
    assert not activity.since_last_look()


def test_a_key_at_the_terminal_is_a_sign_of_life(file: Path, terminal: tuple[int, int]) -> None:
    person, program = terminal
    os.utime(os.ttyname(program), (0, 0))  # the kernel notes a read to eight seconds only
    activity = Activity(file, terminal=program)
    assert not activity.since_last_look()

    os.write(person, b"x\n")
    assert os.read(program, 8) == b"x\n"

    assert activity.since_last_look()


def test_a_closed_terminal_and_a_lost_file_are_no_signs_of_life(file: Path) -> None:
    person, program = os.openpty()
    os.close(person)
    os.close(program)
    file.unlink()
    activity = Activity(file, terminal=program)

    assert not activity.since_last_look()


class TestAnEditorLeftOpen:
    """An editor left open overnight does not hold a ticket for ever."""

    @pytest.mark.parametrize("at_work", [True, False])
    def test_only_an_agent_at_work_keeps_the_ticket(
        self, desk: Desk, file: Path, *, at_work: bool
    ) -> None:
        waiting = desk.waiting()
        lease = desk.agent().claim(waiting).ticket.lease
        assert lease
        age(file, 60)
        beats = Beats(desk, file, changes=at_work)

        heartbeat = Heartbeat(
            desk.agent,
            waiting,
            lease.fence,
            every=timedelta(seconds=0.001),
            activity=beats,
        )
        with heartbeat:
            beats.wait()

        held = desk.ticket(waiting).held_by(desk.clock())
        assert bool(held) is at_work


class Beats(Activity):
    """Lets five minutes pass before each look, for four looks; then the editor is closed."""

    def __init__(self, desk: Desk, file: Path, *, changes: bool) -> None:
        super().__init__(file, terminal=None)
        self._desk, self._path, self._changes = desk, file, changes
        self._looks = 0
        self._over = threading.Event()

    def since_last_look(self) -> bool:
        if self._looks >= 4:
            self._over.set()
            return False
        self._looks += 1
        self._desk.clock.advance(LEASE / 3)
        if self._changes:
            self._path.write_text(f"Dear Kim {self._looks}")
            age(self._path, -self._looks)
        return super().since_last_look()

    def wait(self) -> None:
        assert self._over.wait(10)
