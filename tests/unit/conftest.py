"""Unit tests reach no network and see no AWS settings; most begin with a desk in memory."""

import os

import pytest

from tests.desk import Desk
from tests.fakes import UNKNOWN, Office


@pytest.fixture(autouse=True)
def isolated(socket_disabled: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Close the sockets and forget the machine's AWS settings."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def office() -> Office:
    """Return a desk without agents."""
    return Office.open()


@pytest.fixture
def waiting(office: Office) -> str:
    """Return the id of a ticket that waits for a person."""
    receipt = office.submit(UNKNOWN)
    office.work_off()
    return receipt.ticket_id


@pytest.fixture
def desk() -> Desk:
    """Return a desk with agents."""
    return Desk()
