"""Environments with real processes and AWS's own runtime client, without LocalStack."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from running import eventually, runs

from helpdesk_localstack import sandbox
from helpdesk_localstack.sandbox import Function, InitError, Request, Result, Sandbox

Make = Callable[..., Sandbox]


@pytest.fixture
def make(tmp_path: Path, interpreter: str) -> Iterator[Make]:
    """Builds and starts the environment of a function with this source."""
    made: list[Sandbox] = []

    def build(source: str, *, start: bool = True, **options: Any) -> Sandbox:
        code = tmp_path / f"code{len(made)}"
        code.mkdir()
        (code / "app.py").write_text(source)
        environment = {
            "PATH": os.defpath,
            "PYTHONPATH": str(code),
            "AWS_LAMBDA_FUNCTION_NAME": "f",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            **options.pop("environment", {}),
        }
        defaults = {
            "interpreter": interpreter,
            "handler": "app.handler",
            "version": "$LATEST",
            "code": code,
            "layers": None,
            "timeout_seconds": 10,
            "memory_mb": 128,
        }
        made.append(Sandbox(Function(**{**defaults, **options}, environment=environment)))
        if start:
            made[-1].start()
        return made[-1]

    yield build
    for box in made:
        box.stop()


def invoke(box: Sandbox, event: Any = None, request_id: str = "r-1") -> Result:
    return box.invoke(Request(request_id, "arn:f", json.dumps(event or {}).encode()))


def answer(box: Sandbox, event: Any = None) -> Any:
    result = invoke(box, event)
    assert not result.is_error, result
    return json.loads(result.payload)


def failure(result: Result) -> dict[str, Any]:
    assert result.is_error, result
    return dict(json.loads(result.payload))


ECHO_PID = "import os\ndef handler(event, context): return os.getpid()"


class TestInvocation:
    def test_event_and_context_reach_the_handler(self, make: Make) -> None:
        box = make(
            "def handler(event, context):\n"
            "    left = context.get_remaining_time_in_millis()\n"
            "    return [event, context.aws_request_id, context.invoked_function_arn, left]"
        )
        event, request_id, arn, left = answer(box, {"text": "żółw 🐢"})
        assert (event, request_id, arn) == ({"text": "żółw 🐢"}, "r-1", "arn:f")
        assert 0 < left <= 10_001  # both clocks are in whole milliseconds

    def test_the_process_is_used_again(self, make: Make) -> None:
        box = make(ECHO_PID)
        assert answer(box) == answer(box) == box.pid

    def test_an_exception_is_an_answer_and_keeps_the_process(self, make: Make) -> None:
        box = make(
            "def handler(event, context):\n    if event: raise ValueError('no ' + event['x'])"
        )
        pid = box.pid
        error = failure(invoke(box, {"x": "way"}))
        assert (error["errorType"], error["errorMessage"]) == ("ValueError", "no way")
        assert answer(box) is None
        assert box.pid == pid

    def test_nothing_of_this_process_is_inherited(
        self, make: Make, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
        monkeypatch.setenv("SECRET_OF_THE_HOST", "1")
        seen = answer(make("import os\ndef handler(event, context): return dict(os.environ)"))
        assert "SECRET_OF_THE_HOST" not in seen
        assert "PYTHONDONTWRITEBYTECODE" not in seen

    def test_the_plugin_cannot_be_imported_by_accident(self, make: Make) -> None:
        box = make(
            "import importlib.util as u\n"
            "def handler(event, context):\n"
            "    return [n for n in ('helpdesk_localstack', 'shim', 'snapshot') if u.find_spec(n)]"
        )
        assert answer(box) == []

    def test_largest_and_too_large_answers(self, make: Make) -> None:
        box = make("def handler(event, context): return 'x' * event['size']")
        limit = 6 * 1024 * 1024 + 100
        assert len(answer(box, {"size": limit - 2})) == limit - 2
        error = failure(invoke(box, {"size": limit}))
        assert error["errorType"] == "Function.ResponseSizeTooLarge"
        # The runtime client of that process is about to exit: the next call must not meet it.
        assert [answer(box, {"size": 1}) for _ in range(5)] == ["x"] * 5


class TestLog:
    def test_everything_printed_before_the_answer_is_in_the_result(self, make: Make) -> None:
        box = make(
            "import sys\nprint('loading')\n"
            "def handler(event, context):\n"
            "    for i in range(500): print('line', i, file=sys.stderr if i % 2 else sys.stdout)"
        )
        lines = invoke(box).log.splitlines()
        assert lines[:2] == ["loading", "START RequestId: r-1 Version: $LATEST"]
        assert lines[2:502] == [f"line {i}" for i in range(500)]
        assert lines[502] == "END RequestId: r-1"
        assert lines[503].startswith("REPORT RequestId: r-1\tDuration: ")
        assert "Memory Size: 128 MB\tMax Memory Used: " in lines[503]
        assert "Init Duration: " in lines[503]
        assert "Init Duration: " not in invoke(box).log, "only the first invocation pays for init"

    def test_more_than_a_pipe_holds(self, make: Make) -> None:
        box = make("def handler(event, context): print('#' * 5_000_000)")
        assert invoke(box).log.count("#") == 5_000_000

    def test_a_traceback_is_one_event(self, make: Make) -> None:
        log = invoke(make("def handler(event, context): raise KeyError('k')")).log
        (line,) = [line for line in log.split("\n") if "KeyError" in line]
        assert "Traceback" in line

    def test_json_format(self, make: Make) -> None:
        box = make(
            "import logging\n"
            "def handler(event, context): logging.getLogger().error('help %s', 'me')",
            json_logs=True,
            environment={"AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_LOG_LEVEL": "Info"},
        )
        events = [json.loads(line) for line in invoke(box).log.splitlines()]
        assert [event.get("type") for event in events] == [
            "platform.start",
            None,
            "platform.report",
        ]
        assert (events[1]["message"], events[1]["requestId"]) == ("help me", "r-1")
        assert events[2]["record"]["status"] == "success"

    def test_at_level_warn_lambda_logs_only_invocations_that_fail(self, make: Make) -> None:
        box = make(
            "def handler(event, context):\n    print('said')\n    return 1 / event",
            json_logs=True,
            only_failures=True,
        )
        assert invoke(box, 1).log == "said\n"
        last = json.loads(invoke(box, 0).log.splitlines()[-1])
        assert (last["type"], last["record"]["status"]) == ("platform.report", "error")


class TestFailures:
    def test_timeout_of_a_tight_loop_then_a_new_process(self, make: Make) -> None:
        box = make(
            "def handler(event, context):\n    print('in')\n    while event: pass\n    return 'ok'",
            timeout_seconds=1,
        )
        pid = box.pid
        result = invoke(box, {"loop": True})
        assert failure(result) == {
            "errorType": "Sandbox.Timedout",
            "errorMessage": "RequestId: r-1 Error: Task timed out after 1.00 seconds",
        }
        assert "in\n" in result.log
        assert " r-1 Task timed out after 1.00 seconds\n" in result.log
        assert not runs(pid or 0)
        assert answer(box) == "ok"

    @pytest.mark.parametrize(
        ("action", "reason"),
        [
            ("os._exit(3)", "Runtime exited with error: exit status 3"),
            ("os._exit(0)", "Runtime exited without providing a reason"),
            ("os.kill(os.getpid(), 9)", "Runtime exited with error: signal: killed"),
            ("ctypes.string_at(0)", "Runtime exited with error: signal: segmentation fault"),
        ],
    )
    def test_crash_then_a_new_process(self, make: Make, action: str, reason: str) -> None:
        box = make(
            "import ctypes, os\n"
            f"def handler(event, context):\n    print('in')\n    return event and {action}"
        )
        result = invoke(box, {"x": 1})
        error = failure(result)
        assert error["errorType"] == "Runtime.ExitError"
        assert error["errorMessage"] == f"RequestId: r-1 Error: {reason}"
        assert "in\n" in result.log
        assert answer(box) == {}

    def test_death_between_two_invocations_is_not_noticed_by_the_caller(self, make: Make) -> None:
        box = make(ECHO_PID)
        first = answer(box)
        os.kill(first, signal.SIGKILL)
        eventually(lambda: not runs(first))
        time.sleep(0.1)
        assert answer(box) not in (first, None)

    def test_no_interpreter(self, make: Make) -> None:
        with pytest.raises(OSError, match="nowhere"):
            make("", interpreter="/nowhere/python")

    def test_stop_ends_an_invocation(self, make: Make) -> None:
        box = make("import time\ndef handler(event, context): time.sleep(60)")
        pid = box.pid or 0
        threading.Timer(0.3, box.stop).start()
        assert failure(invoke(box))["errorType"] == "Runtime.ExitError", "and no time-out"
        assert not runs(pid)
        box.stop()


class TestInit:
    @pytest.mark.parametrize(
        ("source", "error_type", "text"),
        [
            ("import nothing_like_it", "Runtime.ImportModuleError", "No module named"),
            ("x = 1", "Runtime.HandlerNotFound", "missing on module 'app'"),
            ("def handler(:", "Runtime.UserCodeSyntaxError", "Syntax error in module 'app'"),
            ("1 / 0", "ZeroDivisionError", "division by zero"),
            ("import sys; sys.exit(4)", "Runtime.ExitError", "exit status 4"),
        ],
    )
    def test_failure_is_the_answer_to_the_first_invocation(
        self, make: Make, source: str, error_type: str, text: str
    ) -> None:
        result = invoke(make(f"print('loading')\n{source}"))
        error = failure(result)
        assert error["errorType"] == error_type
        assert text in error["errorMessage"]
        assert "INIT_REPORT Init Duration: " in result.log
        if error_type != "Runtime.UserCodeSyntaxError":
            assert "loading\n" in result.log

    def test_hanging_init_is_given_up_and_the_invocation_times_out(
        self, make: Make, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sandbox, "INIT_LIMIT_SECONDS", 0.5)
        box = make("import time; time.sleep(60)", timeout_seconds=1)
        result = invoke(box)
        assert failure(result)["errorType"] == "Sandbox.Timedout"
        assert "Status: timeout" in result.log

    def test_slow_init_gets_the_time_of_the_invocation(
        self, make: Make, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sandbox, "INIT_LIMIT_SECONDS", 0.3)
        box = make("import time; time.sleep(1)\ndef handler(event, context): return 'late'")
        assert answer(box) == "late"

    def test_provisioned_environments_fail_at_once(self, make: Make) -> None:
        box = make("1 / 0", start=False)
        with pytest.raises(InitError, match="ZeroDivisionError"):
            box.start(strict=True)

    def test_stop_during_init(self, make: Make) -> None:
        box = make("import time; time.sleep(60)", start=False)
        threading.Timer(0.3, box.stop).start()
        with pytest.raises(RuntimeError, match="stopped"):
            box.start()


class TestNoOrphans:
    SPAWN = (
        "import os, subprocess, sys\n"
        "def handler(event, context):\n"
        "    child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "    with open(event['ledger'], 'a') as f: print(os.getpid(), child.pid, file=f)\n"
        "    if event.get('crash'): os._exit(1)\n"
        "    while event.get('spin'): pass\n"
    )

    def test_stop_takes_grandchildren_along(self, make: Make, children_of_a_function: Path) -> None:
        box = make(self.SPAWN)
        answer(box, {"ledger": str(children_of_a_function)})
        pids = [int(pid) for pid in children_of_a_function.read_text().split()]
        assert [runs(pid) for pid in pids] == [True, True]
        box.stop()
        eventually(lambda: not any(map(runs, pids)))

    def test_a_crash_takes_grandchildren_along(
        self, make: Make, children_of_a_function: Path
    ) -> None:
        invoke(make(self.SPAWN), {"ledger": str(children_of_a_function), "crash": True})
        pids = [int(pid) for pid in children_of_a_function.read_text().split()]
        eventually(lambda: not any(map(runs, pids)))

    @pytest.mark.parametrize("event", [{}, {"spin": True}], ids=["idle", "spinning"])
    def test_sigkill_of_the_host_takes_everything_along(
        self, tmp_path: Path, interpreter: str, children_of_a_function: Path, event: dict[str, Any]
    ) -> None:
        (tmp_path / "app.py").write_text(self.SPAWN)
        event = {"ledger": str(children_of_a_function), **event}
        host = subprocess.Popen(
            [
                sys.executable,
                "-c",
                f"""
import time
from pathlib import Path
from helpdesk_localstack.sandbox import Function, Request, Sandbox
box = Sandbox(Function({interpreter!r}, "app.handler", "1", Path({str(tmp_path)!r}), None, 60, 128,
              {{"PYTHONPATH": {str(tmp_path)!r}}}))
box.start()
box.invoke(Request("r", "arn", {json.dumps(event).encode()!r}))
time.sleep(600)
""",
            ]
        )
        try:
            eventually(lambda: len(children_of_a_function.read_text().split()) == 2)
            pids = [int(pid) for pid in children_of_a_function.read_text().split()]
            assert [runs(pid) for pid in pids] == [True, True]
        finally:
            host.kill()
            host.wait()
        eventually(lambda: not any(map(runs, pids)))
