"""Listen where GATEWAY_LISTEN says. LocalStack takes the port from it and binds every interface."""

from __future__ import annotations

import functools
from types import SimpleNamespace

from localstack import config
from localstack.runtime.server import twisted
from twisted.internet import endpoints


def install() -> None:
    """Replace the endpoint of LocalStack's server, before it is created."""
    twisted.endpoints = SimpleNamespace(
        TCP4ServerEndpoint=functools.partial(
            endpoints.TCP4ServerEndpoint, interface=config.GATEWAY_LISTEN[0].host
        ),
        TCP6ServerEndpoint=endpoints.TCP6ServerEndpoint,
    )
