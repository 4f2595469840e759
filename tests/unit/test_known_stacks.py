"""Outputs of stacks on disk: used for minutes, for their owner only, never used in part."""

from datetime import timedelta
from pathlib import Path

import pytest

from agent_cli.known_stacks import KEPT, KnownStacks
from tests.fakes import MORNING

HERE = ("helpdesk", None, "eu-central-1", None, "KEY")
OUTPUTS = {"TicketsTable": "tickets"}


@pytest.fixture
def known(tmp_path: Path) -> KnownStacks:
    stacks = KnownStacks(tmp_path / "state" / "stacks")
    stacks.keep(HERE, OUTPUTS, MORNING)
    return stacks


def test_believed_for_some_minutes(known: KnownStacks) -> None:
    assert known.read(HERE, MORNING) == OUTPUTS
    assert known.read(HERE, MORNING + KEPT - timedelta(seconds=1)) == OUTPUTS
    assert known.read(HERE, MORNING + KEPT) is None


def test_a_clock_set_back_does_not_make_them_last(known: KnownStacks) -> None:
    assert known.read(HERE, MORNING - timedelta(seconds=1)) is None


@pytest.mark.parametrize("place", range(len(HERE)))
def test_another_stack_region_address_profile_or_key_is_another(
    known: KnownStacks, place: int
) -> None:
    elsewhere = (*HERE[:place], "other", *HERE[place + 1 :])

    assert known.read(elsewhere, MORNING) is None


def test_dropped_once_it_proves_wrong(known: KnownStacks) -> None:
    known.drop(HERE)
    known.drop(HERE)

    assert known.read(HERE, MORNING) is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"at": "now", "outputs": {}}', '{"outputs": {}}'])
def test_what_is_not_whole_is_not_believed(known: KnownStacks, text: str) -> None:
    (path,) = known.folder.iterdir()
    path.write_text(text)

    assert known.read(HERE, MORNING) is None


def test_only_the_owner_can_read_it(known: KnownStacks) -> None:
    (path,) = known.folder.iterdir()

    assert path.stat().st_mode & 0o777 == 0o600
    assert known.folder.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_takes_nothing_stops_no_command(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    stacks = KnownStacks(tmp_path / "file" / "stacks")
    stacks.keep(HERE, OUTPUTS, MORNING)

    assert stacks.read(HERE, MORNING) is None
