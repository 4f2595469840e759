"""The audit of `make chaos notices` finds each fault that is planted."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from infra.local.notice_sink import Came
from infra.proving.notice_chaos import audit_notices
from tests.unit.test_notifying_delivering import ID, NOW, Scene


@pytest.fixture
def told() -> dict[str, Any]:
    """What an audit looks at: a ticket whose notice was posted, taken and marked."""
    scene = Scene()
    scene.deliver()
    return {
        "ticket": scene.tickets.get,
        "notice": scene.notices.notice,
        "posts": [Came("/", {"webhook-id": NOW}, b"{}")] * 2,
        "kept": {NOW},
        "taken": Counter({NOW: 2}),
    }


def test_what_was_told_and_marked_is_clean_and_copies_are_counted(told: dict[str, Any]) -> None:
    found = audit_notices([ID], **told)

    assert (found.clean, found.told, found.copies) == (True, 1, 1)


def test_a_ticket_without_a_notice_and_one_that_is_gone_are_missing(told: dict[str, Any]) -> None:
    none = told | {"notice": lambda _: None}
    gone = told | {"ticket": lambda _: None}

    assert audit_notices([ID], **none).missing == [f"ticket {ID} has 0 notices"]
    assert audit_notices([ID], **gone).missing == [f"ticket {ID} is not with people"]


def test_a_second_notice_of_the_same_ticket_is_found(told: dict[str, Any]) -> None:
    stored = told["notice"](NOW)
    found = audit_notices([ID], **told | {"notice": lambda _: stored})

    assert found.missing == [f"ticket {ID} has 2 notices"]


def test_a_notice_that_did_not_come_or_has_no_mark_is_found(told: dict[str, Any]) -> None:
    unmarked = replace(told["notice"](NOW), sent_at=None)
    stored = {NOW: unmarked}
    found = audit_notices([ID], **told | {"kept": set(), "notice": stored.get})

    assert (found.told, found.missing, found.unmarked) == (
        0,
        [f"{NOW} did not come"],
        [f"{NOW} has no mark"],
    )


def test_two_contents_under_one_id_are_found(told: dict[str, Any]) -> None:
    posts = [*told["posts"], Came("/", {"webhook-id": NOW}, b"[]")]

    assert audit_notices([ID], **told | {"posts": posts}).changed == [
        f"{NOW} came with two contents"
    ]
