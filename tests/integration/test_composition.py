"""One room composes what every door needs, from a function's settings or a stack's outputs."""

import pytest
from helpdesk.composition import Parts, ResourceError, Resources
from helpdesk.settings import ReconcilerSettings

from tests.integration.conftest import Stack


def test_settings_and_outputs_name_the_same_resources(stack: Stack) -> None:
    settings = ReconcilerSettings.from_env(stack.environments["ReconcilerFunction"])
    of_settings = Resources.of_settings(settings)
    of_outputs = Resources.of_outputs(stack.outputs)

    names = {"tickets_table", "intake_queue_url", "escalation_queue_url"}
    assert names <= set(of_settings.names)
    assert all(of_settings[name] == of_outputs[name] for name in names)


def test_patience_is_the_functions_own(stack: Stack) -> None:
    environment = stack.environments["ReconcilerFunction"] | {"QUEUE_PATIENCE": "7"}
    parts = Parts.of_settings(ReconcilerSettings.from_env(environment))

    assert parts.patience.total_seconds() == 7
    assert parts.tickets._patience == parts.patience


def test_parts_are_made_once_and_reach_the_stack(stack: Stack) -> None:
    parts = Parts(resources=Resources.of_outputs(stack.outputs))

    assert parts.tickets is parts.tickets
    assert parts.tickets.get("0000000000000000") is None
    assert parts.knowledge.all() == ()
    assert parts.models.current() is None
    assert parts.queue("intake").depth() == 0
    assert [parts.dead_letters(n).measure().visible for n in ("intake", "trainer")] == [0, 0]


def test_a_resource_without_a_name_is_named_in_the_error(stack: Stack) -> None:
    settings = ReconcilerSettings.from_env(stack.environments["ReconcilerFunction"])
    parts = Parts.of_settings(settings)

    with pytest.raises(ResourceError, match="bucket"):
        _ = parts.models
