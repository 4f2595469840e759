"""The garbage collector waits while Lambda starts a function, and only then."""

import subprocess
import sys

import pytest

STARTED = """
import gc
import helpdesk.starting
during = gc.isenabled()
helpdesk.starting.finish()
print(during, gc.isenabled(), gc.get_freeze_count() > 1000)
"""


@pytest.mark.parametrize(
    ("environment", "during"),
    [({"AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand"}, "False"), ({}, "True")],
)
def test_the_collector_waits_while_lambda_starts(environment: dict[str, str], during: str) -> None:
    run = subprocess.run(
        [sys.executable, "-c", STARTED],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )

    assert run.stdout.split() == [during, "True", "True"]
