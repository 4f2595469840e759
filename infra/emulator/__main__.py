"""Start and stop the LocalStack this project runs on, without Docker.

    python -m infra.emulator start      # first use builds two environments with uv
    python -m infra.emulator status
    python -m infra.emulator stop

Everything it writes lies below one state folder (`build/localstack`).
"""

import argparse
import functools
import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from infra.emulator.environments import PLUGIN, environments
from infra.emulator.errors import EmulatorError
from infra.emulator.lifecycle import ensure_running, status, stop
from infra.emulator.log import print_log, skipped_resources
from infra.emulator.state_folder import DEFAULT_PORT, DEFAULT_STATE, log_path, only_one


def main(arguments: list[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--state", type=Path, default=DEFAULT_STATE, help="folder for everything")
    commands = parser.add_subparsers(dest="command", required=True)
    start = commands.add_parser("start", help="start it, unless it runs")
    start.add_argument("--port", type=int, default=DEFAULT_PORT)
    start.add_argument("--fresh", action="store_true", help="forget kept items and objects")
    start.add_argument("--uv", help="path of uv (default: $UV, then the search path)")
    commands.add_parser("stop", help="stop it")
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
            print_log(log_path(options.state.resolve()), follow=options.follow)
        case "test":
            return _test(options.state.resolve(), options.uv, options.pytest)
        case "skipped":
            types = skipped_resources(options.state, since=options.since)
            print("\n".join(types))
            return 1 if types else 0
    return 0


def _test(state: Path, uv: str | None, arguments: list[str]) -> int:
    say = functools.partial(print, file=sys.stderr)
    with only_one(state, say):
        localstack, runtime = environments(state, uv, say)
    command = [str(localstack / "bin" / "python"), "-m", "pytest", "--rootdir", str(PLUGIN)]
    environment = {
        **os.environ,
        "LAMBDA_PYTHON": str(runtime / "bin" / "python"),
        "EMULATOR_ENVIRONMENTS": str(state),
    }
    command += [argument for argument in arguments if argument != "--"]
    return subprocess.run(command, env=environment, cwd=PLUGIN, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
