"""What agents, leads and auditors may do: every verb's AWS calls, held against their policies.

No emulator here enforces IAM. So each verb is run, every call it makes is recorded as the action,
resource and partition key that IAM would judge, and the template's policies judge them.
"""

from typing import Any

import pytest

from tests.integration.agents_at_work import (  # noqa: F401 -- fixtures
    AGENTS,
    LEADS,
    MAY,
    READS,
    Desk,
    desk,
    there,
)
from tests.integration.conftest import Stack
from tests.integration.policies import ROLES, allows, statements, unused
from tests.integration.recorded_calls import recording

pytestmark = pytest.mark.slow  # every verb for every role, each on a desk of its own


@pytest.mark.parametrize("line", [*READS, *AGENTS, *LEADS])
def test_each_verb_is_for_whom_it_is_meant(
    line: str,
    template: dict[str, Any],
    stack: Stack,
    desk: Desk,  # noqa: F811
    there: dict[str, str],  # noqa: F811
) -> None:
    with recording(stack) as calls:
        result = desk.run(*line.format(**there).split())
    assert result.exit_code == 0, result.output or result.exception
    assert calls

    for role in ROLES:
        given = statements(template, role)
        refused = {call for call in calls if not allows(given, call)}
        assert bool(refused) == (line not in MAY[role]), (role, refused)


def test_nothing_is_granted_that_no_verb_needs(
    template: dict[str, Any],
    stack: Stack,
    desk: Desk,  # noqa: F811
    there: dict[str, str],  # noqa: F811
) -> None:
    with recording(stack) as calls:
        for line in (*READS, *AGENTS, *LEADS):
            desk.run(*line.format(**there).split())
        desk.run("doctor")
    for role in ROLES:
        assert not unused(statements(template, role), calls), role
