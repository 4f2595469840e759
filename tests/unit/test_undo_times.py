"""How long a reply waits, as agents write it."""

from datetime import timedelta

import pytest

from agent_cli.fields import undo_of


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("5s", 5), ("10", 10), ("0", 0), ("off", 0), ("1m", 60), (" 2 MIN ", 120), ("120s", 120)],
)
def test_times_to_undo(said: str, seconds: int) -> None:
    assert undo_of(said) == timedelta(seconds=seconds)


@pytest.mark.parametrize("said", ["", "soon", "-5s", "3h", "121s", "3m", "1.5s"])
def test_what_is_no_time_to_undo(said: str) -> None:
    with pytest.raises(ValueError, match=r"not a time to undo|too long"):
        undo_of(said)
