"""The names LocalStack knows this package by; see the entry points in pyproject.toml.

Settings, all from the environment of LocalStack:
LAMBDA_PROCESS_INTERPRETERS (see `executor`), DYNAMODB_JOURNAL_FOLDER, S3_OBJECTS_FOLDER and
LAMBDA_CODE_FOLDER (nothing is kept without them), DYNAMODB_JOURNAL_SYNC (`1`: every write waits for
the disk), DYNAMODB_LEGACY_SNAPSHOT (the file of earlier versions, read once) and
DYNAMODB_EXPIRY_INTERVAL (seconds, 2).
"""

from __future__ import annotations

import functools
import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from localstack.aws.skeleton import create_dispatch_table
from localstack.runtime import hooks
from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin
from localstack.services.plugins import Service, aws_provider
from twisted.web import http

if TYPE_CHECKING:
    from helpdesk_localstack.executor import ProcessExecutor


class ProcessExecutorPlugin(RuntimeExecutorPlugin):
    """`LAMBDA_RUNTIME_EXECUTOR=process`."""

    name = "process"

    def load(self, *_args: Any, **_kwargs: Any) -> type[ProcessExecutor]:
        from helpdesk_localstack.executor import ProcessExecutor

        return ProcessExecutor


@aws_provider(api="dynamodb", name="moto")
def dynamodb() -> Service:
    """`PROVIDER_OVERRIDE_DYNAMODB=moto`."""
    from localstack.runtime.shutdown import ON_AFTER_SERVICE_SHUTDOWN_HANDLERS

    from helpdesk_localstack import dynamodb, expiry, moto_repairs
    from helpdesk_localstack.kept_tables import KeptTables

    moto_repairs.install()
    if folder := _path("DYNAMODB_JOURNAL_FOLDER"):
        sync = os.environ.get("DYNAMODB_JOURNAL_SYNC") == "1"
        kept = KeptTables(folder, legacy=_path("DYNAMODB_LEGACY_SNAPSHOT"), sync=sync)
        kept.install()
        ON_AFTER_SERVICE_SHUTDOWN_HANDLERS.register(kept.close)
    expiry.start(_seconds("DYNAMODB_EXPIRY_INTERVAL", 2))
    return dynamodb.dynamodb_service()


@aws_provider(api="dynamodbstreams", name="moto")
def dynamodbstreams() -> Service:
    """`PROVIDER_OVERRIDE_DYNAMODBSTREAMS=moto`."""
    from helpdesk_localstack import dynamodb

    return dynamodb.streams_service()


@aws_provider(api="s3", name="kept")
def s3() -> Service:
    """`PROVIDER_OVERRIDE_S3=kept`."""
    from localstack.services.s3.provider import S3Provider
    from localstack.services.s3.storage.ephemeral import EphemeralS3ObjectStore

    from helpdesk_localstack.kept_objects import KeptObjects, keeping

    storage = EphemeralS3ObjectStore()  # in the temporary folder of this LocalStack
    provider = S3Provider(storage)
    if (folder := _path("S3_OBJECTS_FOLDER")) is None:
        return Service.for_provider(provider)
    kept = KeptObjects(folder, storage)
    return Service.for_provider(
        provider, dispatch_table_factory=lambda api: keeping(create_dispatch_table(api), kept)
    )


@hooks.on_infra_start()
def install() -> None:
    """Put the repairs in place before the first request."""
    from helpdesk_localstack import (
        direct_lambda,
        function_logs,
        loopback,
        metrics,
        sqs_poller,
        stack_pace,
        timers,
        usage_plans,
    )

    # Python's five milliseconds let one busy thread hold up the one that answers the network.
    sys.setswitchinterval(0.0005)
    gc.set_threshold(20_000)
    # Each took a twentieth of the time under load: the same few headers parsed again and again,
    # and lines of an access log that no one reads.
    http._parseContentType = functools.lru_cache(maxsize=64)(http._parseContentType)
    http.HTTPFactory.log = lambda _factory, _request: None
    loopback.install()
    sqs_poller.install()
    usage_plans.install()
    metrics.install()
    direct_lambda.install()
    function_logs.install()
    timers.install()
    stack_pace.install()
    if folder := _path("LAMBDA_CODE_FOLDER"):
        from helpdesk_localstack.kept_code import KeptCode

        KeptCode(folder).install()
    _announce()


def _announce() -> None:
    """Answer at /_helpdesk/plugin with what is really in use: LocalStack only logs a fallback."""
    from localstack.http import Request, Response, route
    from localstack.services.edge import ROUTER
    from localstack.services.lambda_.invocation.runtime_executor import get_runtime_executor

    executor = get_runtime_executor()
    executor.validate_environment()

    @route("/_helpdesk/plugin")
    def describe(_request: Request) -> Any:
        return Response.for_json({"executor": executor.__name__, "pid": os.getpid()})

    ROUTER.add(describe)


def _path(variable: str) -> Path | None:
    value = os.environ.get(variable)
    return Path(value) if value else None


def _seconds(variable: str, default: float) -> float:
    return float(os.environ.get(variable, default))
