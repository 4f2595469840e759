"""The life of one Lambda execution environment: init, invocations one at a time, end.

Follows https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html: an init phase
of at most ten seconds; one that fails or a process that dies is started again within the next
invocation, on that invocation's time.
"""

from __future__ import annotations

import json
import signal
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from helpdesk_localstack import platform_log
from helpdesk_localstack.process import Event, Exited, RuntimeProcess
from helpdesk_localstack.runtime_api import (
    RESPONSE_LIMIT_BYTES,
    Answered,
    InitFailed,
    Invocation,
    Ready,
    TooLarge,
)

if TYPE_CHECKING:
    from pathlib import Path

INIT_LIMIT_SECONDS = 10.0


@dataclass(frozen=True)
class Function:
    """What an environment runs. `layers` is the folder AWS would mount at /opt, if there is one.

    With `only_failures` (Lambda's level WARN) Lambda logs invocations only that fail.
    """

    interpreter: str
    handler: str
    version: str
    code: Path
    layers: Path | None
    timeout_seconds: float
    memory_mb: int
    environment: dict[str, str]
    json_logs: bool = False
    only_failures: bool = False


@dataclass(frozen=True)
class Request:
    """One invocation as it reaches the environment; `payload` is JSON."""

    request_id: str
    function_arn: str
    payload: bytes
    trace_id: str = ""


@dataclass(frozen=True)
class Result:
    """What came of an invocation: JSON, and everything logged on the way."""

    payload: bytes
    is_error: bool
    log: str


class InitError(Exception):
    """The function could not be loaded; `payload` is the error document Lambda returns."""

    def __init__(self, payload: bytes) -> None:
        super().__init__(payload.decode("utf-8", "replace"))
        self.payload = payload


@dataclass(frozen=True)
class _Outcome:
    payload: bytes
    status: str  # success, error, timeout or failure, as platform.report calls them
    note: str = ""


class Sandbox:
    """One environment. `start` once, then `invoke` from one thread at a time; `stop` from any."""

    def __init__(self, function: Function) -> None:
        self._function = function
        self._process: RuntimeProcess | None = None
        self._log = ""  # printed outside any invocation; belongs to the next one
        self._init_ms: float | None = None
        self._lock = threading.Lock()
        self._stopped = False

    @property
    def pid(self) -> int | None:
        """The running interpreter, if there is one."""
        return self._process.pid if self._process else None

    def start(self, *, strict: bool = False) -> None:
        """Run the init phase.

        A function that fails to load says so in the answer to its first invocation, as on AWS;
        with `strict` (provisioned concurrency) InitError is raised instead. RuntimeError when the
        environment was stopped meanwhile, OSError when there is no interpreter.
        """
        began = time.monotonic()
        failure = self._init(began + INIT_LIMIT_SECONDS)
        elapsed_ms = _milliseconds_since(began)
        if self._stopped:
            raise RuntimeError("stopped while starting")
        if failure is None:
            self._init_ms = elapsed_ms
            return
        self._log += platform_log.init_report(
            elapsed_ms,
            "timeout" if failure.status == "timeout" else "error",
            json.loads(failure.payload).get("errorType", "Runtime.Unknown"),
            as_json=self._function.json_logs,
        )
        if strict:
            raise InitError(failure.payload)

    def invoke(self, request: Request) -> Result:
        """Run one invocation to its end; the function's faults are results, not errors."""
        function, as_json = self._function, self._function.json_logs
        began = time.monotonic()
        init_ms, self._init_ms = self._init_ms, None
        log = self._log
        self._log = ""
        if self._process is not None:
            log += self._process.read_log()
        if not function.only_failures:
            log += platform_log.started(request.request_id, function.version, as_json=as_json)
        outcome = self._run(request, began + function.timeout_seconds)
        measured = platform_log.Measured(
            duration_ms=_milliseconds_since(began),
            memory_size_mb=function.memory_mb,
            peak_memory_mb=self._process.peak_memory_mb() if self._process else None,
            init_duration_ms=init_ms,
        )
        log += self._take_log() + outcome.note
        if not function.only_failures or outcome.status != "success":
            log += platform_log.ended(request.request_id, measured, outcome.status, as_json=as_json)
        return Result(outcome.payload, outcome.status != "success", log)

    def stop(self) -> None:
        """End the environment. Safe to call twice, and during `start` or `invoke`."""
        with self._lock:
            self._stopped = True
            process = self._process
        if process is not None:
            process.kill()

    def _run(self, request: Request, deadline: float) -> _Outcome:
        event = self._process.next_event(0) if self._process else None
        if isinstance(event, Exited):  # died between two invocations
            self._discard()
        if self._process is None and (failure := self._init(deadline)) is not None:
            return self._explain(failure, request)
        process = self._process
        assert process is not None
        process.deliver(
            Invocation(
                request.request_id,
                request.function_arn,
                request.payload,
                request.trace_id,
                round((time.time() + deadline - time.monotonic()) * 1000),
            )
        )
        event = process.next_event(deadline - time.monotonic())
        match event:
            case Answered(payload=payload, is_error=is_error):
                return _Outcome(payload, "error" if is_error else "success")
            case TooLarge(size=size):
                # The client will exit by itself a moment later: not a process to invoke again.
                self._discard()
                return _Outcome(_too_large(size), "error")
            case _:
                self._discard()
                return self._explain(_failure(event), request)

    def _init(self, deadline: float) -> _Outcome | None:
        """Start a process and wait for its first request; None if all went well."""
        with self._lock:
            if self._stopped:
                return _failure(Exited(-signal.SIGKILL))
            function = self._function
            process = self._process = RuntimeProcess(
                interpreter=function.interpreter,
                handler=function.handler,
                working_folder=function.code,
                environment=function.environment,
            )
        event = process.next_event(deadline - time.monotonic())
        if isinstance(event, Ready):
            return None
        self._discard()
        return _failure(event)

    def _discard(self) -> None:
        """Give the process up, keeping what it printed."""
        with self._lock:
            process, self._process = self._process, None
        if process is not None:
            process.end()
            self._log += process.read_log()

    def _take_log(self) -> str:
        log, self._log = self._log, ""
        return log + self._process.read_log() if self._process else log

    def _explain(self, failure: _Outcome, request: Request) -> _Outcome:
        """Word a failure the way Lambda does in the answer to `request`."""
        document = json.loads(failure.payload)
        if failure.status == "timeout":
            limit = f"{self._function.timeout_seconds:.2f}"
            text = f"Task timed out after {limit} seconds"
            note = f"{platform_log.timestamp()} {request.request_id} {text}\n\n"
        elif document["errorType"] == "Runtime.ExitError":
            text = document["errorMessage"]
            note = f"RequestId: {request.request_id} Error: {text}\nRuntime.ExitError\n"
        else:
            return failure
        document["errorMessage"] = f"RequestId: {request.request_id} Error: {text}"
        return _Outcome(json.dumps(document).encode(), failure.status, note)


def _failure(event: Event | None) -> _Outcome:
    match event:
        case None:
            return _Outcome(_document("Sandbox.Timedout", "Task timed out"), "timeout")
        case InitFailed(payload=payload):
            return _Outcome(payload, "error")
        case Exited(status=0):
            reason = "Runtime exited without providing a reason"
        case Exited(status=status) if status < 0:
            name = (signal.strsignal(-status) or str(-status)).lower()
            reason = f"Runtime exited with error: signal: {name}"
        case Exited(status=status):
            reason = f"Runtime exited with error: exit status {status}"
        case _:
            reason = f"Runtime answered out of turn: {type(event).__name__}"
    return _Outcome(_document("Runtime.ExitError", reason), "failure")


def _too_large(size: int) -> bytes:
    return _document(
        "Function.ResponseSizeTooLarge",
        f"Response payload size ({size} bytes) exceeded maximum allowed payload size "
        f"({RESPONSE_LIMIT_BYTES} bytes).",
    )


def _document(error_type: str, message: str) -> bytes:
    return json.dumps({"errorType": error_type, "errorMessage": message}).encode()


def _milliseconds_since(began: float) -> float:
    return (time.monotonic() - began) * 1000
