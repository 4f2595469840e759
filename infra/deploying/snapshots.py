"""The worker's published version, from whose snapshot its environments start (SnapStart).

A snapshot belongs to a published version. Where code and settings are as before, Lambda publishes
nothing and names the version that is there. A version in the template would need another name for
each change, and fails where there is no change; so the template has the alias alone.
"""

from collections.abc import Callable
from typing import Any

from infra.deploying.stack import Stack

LATEST = "$LATEST"
PATIENCE = {"Delay": 5, "MaxAttempts": 180}
"""Seconds between two looks for the snapshot, and looks: AWS takes some minutes."""


def publish(stack: Stack, say: Callable[[str], None]) -> None:
    """Have the worker's alias name a version of what is deployed, and delete the other versions.

    Without an alias all versions are deleted: each one costs as long as it is there. Raises
    botocore's WaiterError if there is no snapshot in time; the alias names the version before then.
    """
    worker, alias = stack.outputs["WorkerFunctionName"], stack.outputs.get("WorkerAlias")
    client = stack.client("lambda")
    wanted = LATEST
    _switch(client, worker, "PublishedVersions" if alias else "None")
    if alias:
        wanted = client.publish_version(FunctionName=worker)["Version"]
        say(f"waiting for the snapshot of the worker, version {wanted}")
        client.get_waiter("published_version_active").wait(
            FunctionName=worker, Qualifier=wanted, WaiterConfig=PATIENCE
        )
        client.update_alias(FunctionName=worker, Name=alias, FunctionVersion=wanted)
    pages = client.get_paginator("list_versions_by_function").paginate(FunctionName=worker)
    for version in [each["Version"] for page in pages for each in page["Versions"]]:
        if version not in {LATEST, wanted}:
            client.delete_function(FunctionName=worker, Qualifier=version)


def _switch(client: Any, worker: str, to: str) -> None:
    """Have Lambda take snapshots of the versions that are published from now on, or none."""
    settings = client.get_function_configuration(FunctionName=worker)
    if settings.get("SnapStart", {}).get("ApplyOn", "None") != to:
        client.update_function_configuration(FunctionName=worker, SnapStart={"ApplyOn": to})
        client.get_waiter("function_updated_v2").wait(FunctionName=worker)
