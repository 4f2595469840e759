"""One LocalStack for a state folder: started, asked about, stopped, and swept up after."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from infra.emulator.environments import environments as build_environments
from infra.emulator.errors import EmulatorError
from infra.emulator.log import tail
from infra.emulator.probes import health, is_free, plugin_pid, taken_message, urls
from infra.emulator.processes import Record, processes_of, start_time
from infra.emulator.state_folder import (
    DEFAULT_PORT,
    DEFAULT_STATE,
    Say,
    code_path,
    legacy_tables_path,
    log_path,
    objects_path,
    only_one,
    record_path,
    tables_path,
)

BOOT_LIMIT_SECONDS = 90
STOP_LIMIT_SECONDS = 10


@dataclass(frozen=True)
class Endpoint:
    """Where AWS calls go. `pid` and `log` are None for an endpoint that is not ours."""

    url: str
    pid: int | None
    log: Path | None
    started: bool


@dataclass(frozen=True)
class Status:
    """What there is right now; `url` and `pid` are None when nothing of ours runs."""

    running: bool
    url: str | None
    pid: int | None
    state: str
    log: str
    kept_bytes: int


def ensure_running(
    *,
    port: int = DEFAULT_PORT,
    state: Path = DEFAULT_STATE,
    environments: Path | None = None,
    fresh: bool = False,
    uv: str | None = None,
    say: Say = print,
) -> Endpoint:
    """An endpoint that answers, started here unless there is one.

    If AWS_ENDPOINT_URL is set, the endpoint there is used and nothing is started. Otherwise our
    LocalStack listens on 127.0.0.1:`port`; if several callers start it at once, one of them does.
    With `fresh` a running LocalStack is stopped and the kept items and objects are forgotten. The
    virtual environments are in `environments`, by default in `state`. Raises EmulatorError.
    """
    given = os.environ.get("AWS_ENDPOINT_URL", "").rstrip("/")
    if given and given not in urls(port):
        if health(given) is None:
            raise EmulatorError(
                f"AWS_ENDPOINT_URL is {given}, but no LocalStack answers there.\n"
                "Start it, or unset AWS_ENDPOINT_URL to let this project start its own."
            )
        say(f"Using the endpoint given by AWS_ENDPOINT_URL: {given}")
        return Endpoint(given, None, None, started=False)

    state = state.resolve()
    with only_one(state, say):
        record = Record.read(state)
        if record and record.alive():
            if not fresh and record.port == port and plugin_pid(record.url) == record.pid:
                return Endpoint(record.url, record.pid, log_path(state), started=False)
            _end(state, record, say)
        _sweep(state, say)
        if not is_free(port, patience=5 if record else 0):  # ours may be dying from a kill -9
            if given and health(given) is not None:
                say(f"Using the endpoint given by AWS_ENDPOINT_URL: {given}")
                return Endpoint(given, None, None, started=False)
            raise EmulatorError(taken_message(port))
        if fresh:
            _forget(state)
        localstack, runtime = build_environments(environments or state, uv, say)
        return _boot(state, port, localstack, runtime, say)


def stop(state: Path = DEFAULT_STATE, *, say: Say = print) -> bool:
    """Stop our LocalStack and everything it started; return whether something ran.

    Items and objects are kept. Raises EmulatorError if something of ours outlives SIGKILL.
    """
    state = state.resolve()
    if not state.exists():
        return False
    with only_one(state, say):
        record = Record.read(state)
        found = record is not None and record.alive()
        if record and found:
            _end(state, record, say)
        return _sweep(state, say) or found


def forget(state: Path = DEFAULT_STATE, *, say: Say = print) -> None:
    """Stop our LocalStack and forget the items and objects it kept. Raises EmulatorError."""
    stop(state, say=say)
    _forget(state.resolve())


def status(state: Path = DEFAULT_STATE) -> Status:
    """What runs, without changing anything."""
    state = state.resolve()
    record = Record.read(state)
    if record and not (record.alive() and plugin_pid(record.url) == record.pid):
        record = None
    kept = [path for folder in (tables_path(state), objects_path(state)) for path in _files(folder)]
    return Status(
        running=record is not None,
        url=record.url if record else None,
        pid=record.pid if record else None,
        state=str(state),
        log=str(log_path(state)),
        kept_bytes=sum(path.stat().st_size for path in kept),
    )


def _forget(state: Path) -> None:
    legacy_tables_path(state).unlink(missing_ok=True)
    shutil.rmtree(tables_path(state), ignore_errors=True)
    shutil.rmtree(objects_path(state), ignore_errors=True)


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def _boot(state: Path, port: int, localstack: Path, runtime: Path, say: Say) -> Endpoint:
    say(f"Starting LocalStack on 127.0.0.1:{port}")
    began = time.monotonic()
    for folder in ("home", "tmp"):
        (state / folder).mkdir(parents=True, exist_ok=True)
    log = log_path(state)
    if log.exists():
        log.replace(log.with_name("localstack.previous.log"))
    with log.open("wb") as output:
        process = subprocess.Popen(
            [localstack / "bin" / "python", "-m", "localstack.runtime.main"],
            cwd=state,
            env=_settings(state, port, runtime),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C at the terminal is not for LocalStack
        )
    record = Record(process.pid, start_time(process.pid), port)
    record.write(state)
    try:
        _await_readiness(process, record, log)
    except BaseException:  # Ctrl-C included; nothing to save yet, and half a boot ignores SIGTERM
        _signal_and_wait(record, signal.SIGKILL, STOP_LIMIT_SECONDS)
        _sweep(state, say)
        raise
    say(f"LocalStack answers at {record.url} ({time.monotonic() - began:.1f} s)")
    return Endpoint(record.url, record.pid, log, started=True)


def _await_readiness(process: subprocess.Popen[bytes], record: Record, log: Path) -> None:
    deadline = time.monotonic() + BOOT_LIMIT_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise EmulatorError(f"LocalStack ended while starting.\n{tail(log)}")
        if health(record.url) is not None:
            if plugin_pid(record.url) != record.pid:
                raise EmulatorError(
                    "LocalStack runs without this project's plugin, so functions would need Docker."
                    f"\nDelete {log.parent} and start again. Its log ends with:\n{tail(log)}"
                )
            return
        time.sleep(0.05)
    raise EmulatorError(f"LocalStack did not answer in {BOOT_LIMIT_SECONDS} s.\n{tail(log)}")


def _settings(state: Path, port: int, runtime: Path) -> dict[str, str]:
    """LocalStack's whole environment, without any of the caller's settings or keys."""
    here = f"127.0.0.1:{port}"
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        "HOME": str(state / "home"),
        "TMPDIR": str(state / "tmp"),
        "FILESYSTEM_ROOT": str(state / "tmp"),
        "GATEWAY_LISTEN": here,
        "LOCALSTACK_HOST": here,
        "SQS_ENDPOINT_STRATEGY": "path",  # the default host name resolves on no machine offline
        "DNS_ADDRESS": "0",  # no name server on every interface
        "SKIP_SSL_CERT_DOWNLOAD": "1",
        "DISABLE_EVENTS": "1",
        "LS_LOG": "warning",
        "LAMBDA_RUNTIME_EXECUTOR": "process",
        "LAMBDA_CODE_FOLDER": str(code_path(state)),
        "LAMBDA_PROCESS_INTERPRETERS": f"python3.13={runtime / 'bin' / 'python'}",
        "PROVIDER_OVERRIDE_DYNAMODB": "moto",
        "PROVIDER_OVERRIDE_DYNAMODBSTREAMS": "moto",
        "PROVIDER_OVERRIDE_S3": "kept",
        "S3_SKIP_SIGNATURE_VALIDATION": "0",  # links are checked, as on AWS
        "DYNAMODB_JOURNAL_FOLDER": str(tables_path(state)),
        "DYNAMODB_LEGACY_SNAPSHOT": str(legacy_tables_path(state)),
        "S3_OBJECTS_FOLDER": str(objects_path(state)),
    }


def _end(state: Path, record: Record, say: Say) -> None:
    """SIGTERM, patience, SIGKILL; then make sure that nothing is left."""
    say(f"Stopping LocalStack (process {record.pid})")
    if not _signal_and_wait(record, signal.SIGTERM, STOP_LIMIT_SECONDS):
        say(f"It does not stop within {STOP_LIMIT_SECONDS} s: killing it")
        _signal_and_wait(record, signal.SIGKILL, STOP_LIMIT_SECONDS)
    _sweep(state, say)
    if not is_free(record.port, patience=STOP_LIMIT_SECONDS):
        raise EmulatorError(f"port {record.port} is still taken after stopping LocalStack")


def _signal_and_wait(record: Record, number: signal.Signals, seconds: float) -> bool:
    if record.alive():
        with contextlib.suppress(ProcessLookupError):
            os.kill(record.pid, number)
    deadline = time.monotonic() + seconds
    while record.alive():
        with contextlib.suppress(ChildProcessError):  # reap it if we are its parent
            os.waitpid(record.pid, os.WNOHANG)
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _sweep(state: Path, say: Say) -> bool:
    """Remove what a crash may leave: processes of our environments, and temporary files."""
    patience = time.monotonic() + 2  # functions end by themselves when LocalStack is gone
    while (left := processes_of(state)) and time.monotonic() < patience:
        time.sleep(0.05)
    for pid in left:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    if left:
        say(f"Killed {len(left)} process(es) a crash had left behind")
        time.sleep(0.2)
    if survivors := processes_of(state):
        raise EmulatorError(f"processes {survivors} of {state} do not end; end them by hand")
    shutil.rmtree(state / "tmp", ignore_errors=True)
    record_path(state).unlink(missing_ok=True)
    return bool(left)
