"""Start and stop the LocalStack this project runs on, without Docker.

    python3.13 infra/emulator.py start      # first use builds two environments with uv
    python3.13 infra/emulator.py status
    python3.13 infra/emulator.py stop

Everything it writes lies below one state folder (`build/localstack`). `make run` imports
`ensure_running`. Standard library only, so that any Python 3.13 can run it.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import functools
import hashlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
PLUGIN = HERE / "localstack"
RUNTIME = PLUGIN / "runtime"
DEFAULT_STATE = HERE.parent / "build" / "localstack"
DEFAULT_PORT = 4566
PYTHON_VERSION = (3, 13)

BOOT_LIMIT_SECONDS = 90
STOP_LIMIT_SECONDS = 10

Say = Callable[[str], None]


class EmulatorError(Exception):
    """Something the person at the keyboard has to know or do; the text says what."""


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
    snapshot_bytes: int


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

    AWS_ENDPOINT_URL wins: what answers there is used as it is, and nothing is started. Otherwise
    our LocalStack listens on 127.0.0.1:`port`, whichever of several callers comes first. With
    `fresh` a running one is stopped and the saved tables are forgotten. The virtual environments
    lie in `environments`, by default in `state`. Raises EmulatorError.
    """
    given = os.environ.get("AWS_ENDPOINT_URL", "").rstrip("/")
    if given and given not in _urls(port):
        if _health(given) is None:
            raise EmulatorError(
                f"AWS_ENDPOINT_URL is {given}, but no LocalStack answers there.\n"
                "Start it, or unset AWS_ENDPOINT_URL to let this project start its own."
            )
        say(f"Using the endpoint given by AWS_ENDPOINT_URL: {given}")
        return Endpoint(given, None, None, started=False)

    state = state.resolve()
    with _only_one(state, say):
        record = _Record.read(state)
        if record and record.alive():
            if not fresh and record.port == port and _plugin_pid(record.url) == record.pid:
                return Endpoint(record.url, record.pid, _log(state), started=False)
            _end(state, record, say)
        _sweep(state, say)
        if not _is_free(port, patience=5 if record else 0):  # ours may be dying from a kill -9
            if given and _health(given) is not None:
                say(f"Using the endpoint given by AWS_ENDPOINT_URL: {given}")
                return Endpoint(given, None, None, started=False)
            raise EmulatorError(_taken_message(port))
        if fresh:
            _snapshot(state).unlink(missing_ok=True)
        localstack, runtime = _environments(environments or state, uv, say)
        return _boot(state, port, localstack, runtime, say)


def stop(state: Path = DEFAULT_STATE, *, say: Say = print) -> bool:
    """Stop our LocalStack and everything it started; whether there was anything to stop.

    Tables are saved. Raises EmulatorError if something of ours outlives SIGKILL.
    """
    state = state.resolve()
    if not state.exists():
        return False
    with _only_one(state, say):
        record = _Record.read(state)
        found = record is not None and record.alive()
        if record and found:
            _end(state, record, say)
        return _sweep(state, say) or found


def status(state: Path = DEFAULT_STATE) -> Status:
    """What runs, without changing anything."""
    state = state.resolve()
    record = _Record.read(state)
    if record and not (record.alive() and _plugin_pid(record.url) == record.pid):
        record = None
    snapshot = _snapshot(state)
    return Status(
        running=record is not None,
        url=record.url if record else None,
        pid=record.pid if record else None,
        state=str(state),
        log=str(_log(state)),
        snapshot_bytes=snapshot.stat().st_size if snapshot.exists() else 0,
    )


def log_offset(state: Path = DEFAULT_STATE) -> int:
    """Where the log ends now, in bytes: give it to `skipped_resources` after a deployment."""
    log = _log(state.resolve())
    return log.stat().st_size if log.exists() else 0


def skipped_resources(state: Path = DEFAULT_STATE, *, since: int = 0) -> list[str]:
    """Resource types that LocalStack left out since byte `since` of its log, sorted.

    CloudFormation reports CREATE_COMPLETE or UPDATE_COMPLETE for them all the same.
    """
    log = _log(state.resolve())
    if not log.exists():
        return []
    with log.open("rb") as file:
        file.seek(since)
        text = file.read().decode("utf-8", "replace")
    return sorted(
        set(
            re.findall(
                r"(?:No resource provider found for|Unable to update resource type)"
                r' "([^"]+)"',
                text,
            )
        )
    )


# --- one LocalStack, known by process id and start time --------------------------------------


@dataclass(frozen=True)
class _Record:
    """The process we started. Its start time tells it from a later one with the same number."""

    pid: int
    started: str
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def alive(self) -> bool:
        return _start_time(self.pid) == self.started

    def write(self, state: Path) -> None:
        _record_path(state).write_text(json.dumps(asdict(self)) + "\n")

    @staticmethod
    def read(state: Path) -> _Record | None:
        try:
            return _Record(**json.loads(_record_path(state).read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None


def _boot(state: Path, port: int, localstack: Path, runtime: Path, say: Say) -> Endpoint:
    say(f"Starting LocalStack on 127.0.0.1:{port}")
    began = time.monotonic()
    for folder in ("home", "tmp"):
        (state / folder).mkdir(parents=True, exist_ok=True)
    log = _log(state)
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
    record = _Record(process.pid, _start_time(process.pid), port)
    record.write(state)
    try:
        _await_readiness(process, record, log)
    except BaseException:  # Ctrl-C included; nothing to save yet, and half a boot ignores SIGTERM
        _signal_and_wait(record, signal.SIGKILL, STOP_LIMIT_SECONDS)
        _sweep(state, say)
        raise
    say(f"LocalStack answers at {record.url} ({time.monotonic() - began:.1f} s)")
    return Endpoint(record.url, record.pid, log, started=True)


def _await_readiness(process: subprocess.Popen[bytes], record: _Record, log: Path) -> None:
    deadline = time.monotonic() + BOOT_LIMIT_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise EmulatorError(f"LocalStack ended while starting.\n{_tail(log)}")
        if _health(record.url) is not None:
            if _plugin_pid(record.url) != record.pid:
                raise EmulatorError(
                    "LocalStack runs without this project's plugin, so functions would need Docker."
                    f"\nDelete {log.parent} and start again. Its log ends with:\n{_tail(log)}"
                )
            return
        time.sleep(0.05)
    raise EmulatorError(f"LocalStack did not answer in {BOOT_LIMIT_SECONDS} s.\n{_tail(log)}")


def _settings(state: Path, port: int, runtime: Path) -> dict[str, str]:
    """LocalStack's whole environment: nothing of the caller's settings or keys gets in."""
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
        "LAMBDA_PROCESS_INTERPRETERS": f"python3.13={runtime / 'bin' / 'python'}",
        "PROVIDER_OVERRIDE_DYNAMODB": "moto",
        "PROVIDER_OVERRIDE_DYNAMODBSTREAMS": "moto",
        "DYNAMODB_SNAPSHOT_PATH": str(_snapshot(state)),
    }


def _end(state: Path, record: _Record, say: Say) -> None:
    """SIGTERM, patience, SIGKILL; then make sure that nothing is left."""
    say(f"Stopping LocalStack (process {record.pid})")
    if not _signal_and_wait(record, signal.SIGTERM, STOP_LIMIT_SECONDS):
        say(f"It does not stop within {STOP_LIMIT_SECONDS} s: killing it")
        _signal_and_wait(record, signal.SIGKILL, STOP_LIMIT_SECONDS)
    _sweep(state, say)
    if not _is_free(record.port, patience=STOP_LIMIT_SECONDS):
        raise EmulatorError(f"port {record.port} is still taken after stopping LocalStack")


def _signal_and_wait(record: _Record, number: signal.Signals, seconds: float) -> bool:
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
    while (left := _processes_of(state)) and time.monotonic() < patience:
        time.sleep(0.05)
    for pid in left:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    if left:
        say(f"Killed {len(left)} process(es) a crash had left behind")
        time.sleep(0.2)
    if survivors := _processes_of(state):
        raise EmulatorError(f"processes {survivors} of {state} do not end; end them by hand")
    shutil.rmtree(state / "tmp", ignore_errors=True)
    _record_path(state).unlink(missing_ok=True)
    return bool(left)


# --- environments -----------------------------------------------------------------------------


def _environments(folder: Path, uv: str | None, say: Say) -> tuple[Path, Path]:
    """LocalStack's and the functions' virtual environments, built when their locks changed."""
    if sys.version_info[:2] != PYTHON_VERSION:
        wanted = ".".join(map(str, PYTHON_VERSION))
        raise EmulatorError(f"run this with Python {wanted}, not {sys.version.split()[0]}")
    localstack, runtime = folder / "venv-localstack", folder / "venv-lambda"
    _build(PLUGIN, localstack, uv, say, "LocalStack (about 120 packages)")
    _build(RUNTIME, runtime, uv, say, "the Lambda runtime", "--compile-bytecode")
    return localstack, runtime


def _build(project: Path, into: Path, uv: str | None, say: Say, what: str, *options: str) -> None:
    recipe = b"".join((project / name).read_bytes() for name in ("pyproject.toml", "uv.lock"))
    identity = "\n".join([hashlib.sha256(recipe).hexdigest(), sys.version, str(into)])
    stamp = into / "built-from"
    if stamp.exists() and stamp.read_text() == identity:
        return
    program = uv or os.environ.get("UV") or shutil.which("uv")
    if program is None:
        raise EmulatorError(
            "uv is needed to build the environments and is not on the path.\n"
            "Install it (https://docs.astral.sh/uv), or name it: UV=/path/to/uv"
        )
    say(f"Building the environment of {what}: once, and again when its versions change")
    began = time.monotonic()
    stamp.unlink(missing_ok=True)
    command = [program, "sync", "--locked", "--quiet", "--python", sys.executable]
    environment = {**os.environ, "UV_PROJECT_ENVIRONMENT": str(into)}
    environment.pop("VIRTUAL_ENV", None)
    command += [*options, "--project", str(project)]
    result = subprocess.run(command, env=environment, check=False)
    if result.returncode != 0:
        raise EmulatorError(f"uv could not build {into}; its messages are above")
    stamp.write_text(identity)
    say(f"Built in {time.monotonic() - began:.1f} s")


# --- small facts about this machine -----------------------------------------------------------


def _urls(port: int) -> set[str]:
    return {f"http://{host}:{port}" for host in ("127.0.0.1", "localhost")}


def _record_path(state: Path) -> Path:
    return state / "localstack.json"


def _log(state: Path) -> Path:
    return state / "localstack.log"


def _snapshot(state: Path) -> Path:
    return state / "tables.json"


@contextlib.contextmanager
def _only_one(state: Path, say: Say) -> Iterator[None]:
    """One starter or stopper at a time per state folder; the others wait their turn."""
    try:
        state.mkdir(parents=True, exist_ok=True)
        lock = (state / "lock").open("w")
    except OSError as error:
        raise EmulatorError(f"cannot write to {state}: {error.strerror}") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another start or stop is under way: waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@functools.cache
def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(urllib.request.ProxyHandler({}))  # never through a proxy


def _get(url: str) -> bytes | None:
    try:
        with _opener().open(url, timeout=5) as response:
            body: bytes = response.read()
            return body
    except (OSError, ValueError, http.client.HTTPException):
        return None


def _health(url: str) -> dict[str, object] | None:
    """The health document of a LocalStack at `url`, or None if there is none."""
    body = _get(f"{url}/_localstack/health")
    with contextlib.suppress(ValueError):
        document = json.loads(body or b"")
        if isinstance(document, dict) and "services" in document:
            return document
    return None


def _plugin_pid(url: str) -> int | None:
    """Process id of the LocalStack at `url`, told by our plugin; None without the plugin."""
    body = _get(f"{url}/_helpdesk/plugin")
    with contextlib.suppress(ValueError):
        document = json.loads(body or b"")
        if document.get("executor") == "ProcessExecutor":
            return int(document["pid"])
    return None


def _is_free(port: int, *, patience: float) -> bool:
    """Whether 127.0.0.1:`port` can be listened on, now or within `patience` seconds."""
    deadline = time.monotonic() + patience
    while True:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return True
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)


def _taken_message(port: int) -> str:
    if _health(f"http://127.0.0.1:{port}") is not None:
        return (
            f"A LocalStack that this folder did not start answers on port {port}.\n"
            f"To use it: AWS_ENDPOINT_URL=http://127.0.0.1:{port}\n"
            "To run beside it: start with --port and another number."
        )
    return (
        f"Port {port} of 127.0.0.1 is taken by another program.\n"
        "Stop that program, or take another port: make run PORT=4600."
    )


def _start_time(pid: int) -> str:
    """When a process started, in whatever unit the system tells; empty if it does not run."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return "" if fields[0] == "Z" else fields[19]
    except (FileNotFoundError, ProcessLookupError):
        if Path("/proc/self").exists():
            return ""
        command = ["ps", "-o", "lstart=", "-p", str(pid)]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def _processes_of(state: Path) -> list[int]:
    """LocalStack and the functions of this state folder, known by their temporary folder."""
    mark = f"TMPDIR={state / 'tmp'}"
    proc = Path("/proc/self").exists()
    return [pid for pid, text in (_environs() if proc else _listed_by_ps()) if mark in text]


def _environs() -> Iterator[tuple[int, str]]:
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # ended meanwhile, or another user's
            yield int(folder.name), (folder / "environ").read_text(errors="replace")


def _listed_by_ps() -> Iterator[tuple[int, str]]:
    command = ["ps", "-axwwE", "-o", "pid=,command="]
    listing = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    for line in listing.splitlines():
        pid, _, text = line.strip().partition(" ")
        yield int(pid), text


def _tail(log: Path, lines: int = 15) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


# --- command line -----------------------------------------------------------------------------


def main(arguments: list[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--state", type=Path, default=DEFAULT_STATE, help="folder for everything")
    commands = parser.add_subparsers(dest="command", required=True)
    start = commands.add_parser("start", help="start it, unless it runs")
    start.add_argument("--port", type=int, default=DEFAULT_PORT)
    start.add_argument("--fresh", action="store_true", help="forget the saved tables")
    start.add_argument("--uv", help="path of uv (default: $UV, then the search path)")
    commands.add_parser("stop", help="stop it, saving the tables")
    show = commands.add_parser("status", help="what runs; exit 3 if nothing does")
    show.add_argument("--json", action="store_true")
    logs = commands.add_parser("logs", help="print LocalStack's log")
    logs.add_argument("-f", "--follow", action="store_true")
    test = commands.add_parser("test", help="run the emulator's own tests")
    test.add_argument("--uv", help="path of uv (default: $UV, then the search path)")
    test.add_argument("pytest", nargs=argparse.REMAINDER, help="arguments for pytest, after --")
    skipped = commands.add_parser(
        "skipped", help="resource types left out; exit 1 if there are any"
    )
    skipped.add_argument("--since", type=int, default=0, help="byte offset in the log")
    options = parser.parse_args(arguments)
    try:
        return _run(options)
    except EmulatorError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _run(options: argparse.Namespace) -> int:
    match options.command:
        case "start":
            endpoint = ensure_running(
                port=options.port,
                state=options.state,
                fresh=options.fresh,
                uv=options.uv,
                say=lambda line: print(line, file=sys.stderr),
            )
            print(f"export AWS_ENDPOINT_URL={endpoint.url}")
        case "stop":
            stopped = stop(options.state)
            print("Stopped; nothing is left running." if stopped else "Nothing was running.")
        case "status":
            now = status(options.state)
            if options.json:
                print(json.dumps(asdict(now)))
            elif now.running:
                print(f"LocalStack answers at {now.url} (process {now.pid}, log {now.log})")
            else:
                print("LocalStack is not running.")
            return 0 if now.running else 3
        case "logs":
            _print_log(_log(options.state.resolve()), follow=options.follow)
        case "test":
            return _test(options.state.resolve(), options.uv, options.pytest)
        case "skipped":
            types = skipped_resources(options.state, since=options.since)
            print("\n".join(types))
            return 1 if types else 0
    return 0


def _test(state: Path, uv: str | None, arguments: list[str]) -> int:
    say = functools.partial(print, file=sys.stderr)
    with _only_one(state, say):
        localstack, runtime = _environments(state, uv, say)
    command = [str(localstack / "bin" / "python"), "-m", "pytest", "--rootdir", str(PLUGIN)]
    environment = {
        **os.environ,
        "LAMBDA_PYTHON": str(runtime / "bin" / "python"),
        "EMULATOR_ENVIRONMENTS": str(state),
    }
    command += [argument for argument in arguments if argument != "--"]
    return subprocess.run(command, env=environment, cwd=PLUGIN, check=False).returncode


def _print_log(log: Path, *, follow: bool) -> None:
    if not log.exists():
        raise EmulatorError(f"there is no log yet at {log}")
    with log.open(errors="replace") as file:
        while True:
            shutil.copyfileobj(file, sys.stdout)
            sys.stdout.flush()
            if not follow:
                return
            time.sleep(0.3)


if __name__ == "__main__":
    sys.exit(main())
