"""Other variables in a function's environment for a time, so that it reaches AWS another way."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from infra.deploying.stack import Stack


@contextmanager
def detour(stack: Stack, functions: Sequence[str], variables: Mapping[str, str]) -> Iterator[None]:
    """Give functions of a stack these variables in addition; take them away at the end."""
    client = stack.client("lambda")
    names = [f"{stack.name}-{each}" for each in functions]
    before = {
        name: client.get_function_configuration(FunctionName=name)["Environment"] for name in names
    }
    try:
        for name, environment in before.items():
            _set(client, name, {"Variables": {**environment["Variables"], **variables}})
        yield
    finally:
        for name, environment in before.items():
            _set(client, name, environment)


def _set(client: Any, name: str, environment: dict[str, Any]) -> None:
    client.update_function_configuration(FunctionName=name, Environment=environment)
    client.get_waiter("function_updated_v2").wait(
        FunctionName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )
