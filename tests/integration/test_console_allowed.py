"""What the console's pages of tickets ask AWS for, held against the policies of its users.

No emulator here enforces IAM: each call is recorded as IAM would be asked, and the template's
policies judge it, as for the verbs of the terminal.
"""

from typing import Any

import pytest
from helpdesk.files import State

from tests.integration.conftest import Stack
from tests.integration.consoles import no_network, opened  # noqa: F401
from tests.integration.policies import allows, statements
from tests.integration.recorded_calls import Call, recording
from tests.integration.test_agent_cli import Desk, desk  # noqa: F401 -- fixtures
from tests.integration.test_agent_cli_files import Cabinet
from tests.integration.test_agent_cli_reviewing import quoting

pytestmark = pytest.mark.usefixtures("no_network")

READS = (
    "/tickets",
    "/tickets?state=all&days=3",
    "/tickets?search=gift&full_text=yes",
    "/tickets?customer=kim@example.com",
    "/tickets/changed?have=",
    "/tickets/{id}",
    "/tickets/{id}/news?version=0&seen=0&state=closed",
    "/tickets/{id}/files/1",
)
AGENTS: tuple[tuple[str, dict[str, str]], ...] = (
    ("next", {}),
    ("{id}/claim", {}),
    ("{id}/kept", {"text": "Dear Kim", "fence": "2"}),
    ("{id}/insert", {"suggestion": "refund"}),
    ("{id}/insert", {"edit": "2"}),
    ("{id}/note", {"note": "Asked the warehouse."}),
    ("{id}/tag", {"add": "strike"}),
    ("{id}/snooze", {"until": "2h"}),
    ("{id}/claim", {}),
    ("{id}/transfer", {"to": "ada"}),
    ("{id}/claim", {}),
    ("{id}/release", {}),
    ("{id}/approve", {"number": "2", "seen": "1"}),
    ("{id}/reply", {"text": "And more.", "adds": "yes", "seen": "2"}),
    ("{id}/close", {}),
    ("{id}/reopen", {}),
    ("{id}/spam", {}),
    ("{id}/revoke", {}),
    ("{other}/merge", {"into": "{root}"}),
    ("{other}/split", {}),
    ("several", {"ticket": "{root}", "do": "tag", "add": "strike"}),
    ("new", {"text": "Wants a sofa."}),
)
LEADS: tuple[tuple[str, dict[str, str]], ...] = (
    ("{root}/transfer", {"to": "eve", "override": "yes"}),
    ("{id}/erase", {}),
)


@pytest.fixture
def there(desk: Desk) -> dict[str, str]:  # noqa: F811
    """Return the ids of a ticket with a draft and a file, and of two that can be merged."""
    drafted = desk.escalated(1, draft=quoting(), name="Kim", email="kim@example.com")
    Cabinet(desk, drafted).file(1, b"one", "text", state=State.READY, kind="pdf")
    root = desk.escalated(2, email="eve@example.com")
    other = desk.escalated(3, "And ribbons?", email="eve@example.com")
    return {"id": drafted, "root": root, "other": other}


def refused(calls: list[Call], template: dict[str, Any], role: str) -> set[Call]:
    """Return what a role's policies do not allow."""
    given = statements(template, role)
    return {call for call in calls if not allows(given, call)}


def test_auditors_may_open_each_page(
    template: dict[str, Any],
    stack: Stack,
    desk: Desk,  # noqa: F811
    there: dict[str, str],
) -> None:
    with recording(stack) as calls:
        browser = opened(desk)
        for path in READS:
            browser.get(path.format(**there))

    assert calls
    assert not refused(calls, template, "auditor")


def test_agents_may_make_each_move_and_leads_two_more(
    template: dict[str, Any],
    stack: Stack,
    desk: Desk,  # noqa: F811
    there: dict[str, str],
) -> None:
    browser = opened(desk)

    def made(moves: tuple[tuple[str, dict[str, str]], ...]) -> list[list[Call]]:
        found = []
        for path, fields in moves:
            given = {name: text.format(**there) for name, text in fields.items()}
            with recording(stack) as calls:
                answer = browser.post(f"/tickets/{path.format(**there)}", given)
            assert answer.status_code == 303, (path, answer.text)
            found.append(calls)
        return found

    for calls in made(AGENTS):
        assert not refused(calls, template, "agent")
    for calls in made(LEADS):
        assert refused(calls, template, "agent")
        assert not refused(calls, template, "lead")
