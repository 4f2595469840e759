"""Unit tests reach no network and see no AWS settings of the machine."""

import os

import pytest


@pytest.fixture(autouse=True)
def isolated(socket_disabled: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Close the sockets and forget the machine's AWS settings."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
