"""How often CloudFormation looks whether a resource is ready: twenty times a second.

LocalStack looks once a second. A function is ready some milliseconds after it was created, so a
stack of five functions waited five seconds for nothing.
"""

from __future__ import annotations

import functools

from localstack.services.cloudformation.resource_provider import ResourceProviderExecutor

_PAUSE_SECONDS = 0.05


def install() -> None:
    """Look that often from now on; the time limit of a resource stays."""
    ResourceProviderExecutor.deploy_loop = functools.partialmethod(
        ResourceProviderExecutor.deploy_loop, sleep_time=_PAUSE_SECONDS
    )
