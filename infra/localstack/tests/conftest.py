"""Run with `python -m infra.emulator test`, which builds and names both environments."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from infra import emulator
from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends
from running import Aws, free_port, runs, start


@pytest.fixture(scope="session")
def interpreter() -> str:
    """The Python that runs functions."""
    return os.environ["LAMBDA_PYTHON"]


@pytest.fixture
def children_of_a_function(tmp_path: Path) -> Iterator[Path]:
    """A file in which functions leave process ids; a process that still runs later is a failure."""
    ledger = tmp_path / "pids"
    ledger.touch()
    yield ledger
    left = [pid for pid in map(int, ledger.read_text().split()) if runs(pid)]
    for pid in left:
        os.kill(pid, 9)
    assert not left


@pytest.fixture
def backend() -> Iterator[DynamoDBBackend]:
    """moto's tables of one account and region, empty before and after."""
    found = dynamodb_backends["000000000000"]["eu-west-1"]
    yield found
    found.tables.clear()


@pytest.fixture(autouse=True, scope="session")
def _no_other_endpoint() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("AWS_ENDPOINT_URL", raising=False)
        yield


@pytest.fixture(scope="session")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("state")
    yield folder
    emulator.stop(folder, say=lambda _line: None)


@pytest.fixture(scope="session")
def aws(state: Path, _no_other_endpoint: None) -> Aws:
    return Aws(start(state, free_port()).url)
