"""One interpreter that runs one function: started, listened to, and certain to end."""

from __future__ import annotations

import fcntl
import os
import queue
import select
import signal
import subprocess
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from helpdesk_localstack.runtime_api import Invocation, Report, RuntimeApi

_SHIM = Path(__file__).with_name("shim.py")
_PIPE_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Exited:
    """The process is gone: its exit status, or the negative number of the signal that ended it."""

    status: int


type Event = Report | Exited


class RuntimeProcess:
    """Starts `interpreter` on AWS's runtime client for `handler`, in a process group of its own.

    The group ends with this process, with `kill`, or with LocalStack, whichever comes first.
    Raises OSError when the interpreter cannot be started.
    """

    def __init__(
        self, *, interpreter: str, handler: str, working_folder: Path, environment: dict[str, str]
    ) -> None:
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._api = RuntimeApi(self._events.put)
        self._log = _LogPipe()
        self._kill_lock = threading.Lock()
        self._reaped = False
        # Only this process holds the writing end: when it dies, even by SIGKILL, the shim sees
        # the end of the file. PR_SET_PDEATHSIG would fire at the end of the *thread* that forked.
        lifeline, self._lifeline = os.pipe()
        try:
            self._child = subprocess.Popen(
                [interpreter, str(_SHIM), str(lifeline), handler],
                cwd=working_folder,
                env={**environment, "AWS_LAMBDA_RUNTIME_API": self._api.address},
                stdin=subprocess.DEVNULL,
                stdout=self._log.writing_end,
                stderr=self._log.writing_end,
                pass_fds=(lifeline,),
                start_new_session=True,
            )
        except OSError:
            self._api.close()
            os.close(self._lifeline)
            raise
        finally:
            os.close(lifeline)
            self._log.close_writing_end()
        self._watcher = threading.Thread(target=self._watch, name="lambda-exit", daemon=True)
        self._watcher.start()

    @property
    def pid(self) -> int:
        """The interpreter's process id, which is also that of its group."""
        return self._child.pid

    def deliver(self, invocation: Invocation) -> None:
        """Give the process one invocation; what comes of it arrives as an event."""
        self._api.deliver(invocation)

    def next_event(self, timeout: float) -> Event | None:
        """The next thing that happened to the process, or None after `timeout` seconds."""
        with suppress(queue.Empty):
            return self._events.get(timeout=max(0.0, timeout))
        return None

    def read_log(self) -> str:
        """Everything printed since the last call, including what was printed just now."""
        return self._log.take()

    def peak_memory_mb(self) -> int | None:
        """High-water mark of the resident set in MiB, where /proc tells it."""
        with suppress(OSError):
            for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    return -(-int(line.split()[1]) // 1024)
        return None

    def kill(self) -> None:
        """End the whole process group at once. Safe to call twice and from any thread."""
        with self._kill_lock:
            # An unreaped leader keeps its number, so this can never hit a stranger's group.
            if not self._reaped:
                with suppress(ProcessLookupError):
                    os.killpg(self.pid, signal.SIGKILL)

    def end(self) -> None:
        """`kill`, and wait until the process is gone and all it printed can be read."""
        self.kill()
        self._watcher.join()

    def _watch(self) -> None:
        os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
        self.kill()  # every process that the function left running in its group
        with self._kill_lock:
            status = self._child.wait()
            self._reaped = True
        os.close(self._lifeline)
        self._api.close()
        self._events.put(Exited(status))


class _LogPipe:
    """stdout and stderr of a process, in the order they were written.

    A thread keeps the pipe from filling. `take` drains it once more under the same lock, so that
    a caller who has the response also has everything printed before it. No thread waits for the
    end of the file, because a grandchild may keep it open.
    """

    def __init__(self) -> None:
        self._reading_end, self.writing_end = os.pipe()
        os.set_blocking(self._reading_end, False)
        if hasattr(fcntl, "F_SETPIPE_SZ"):
            with suppress(OSError):  # the system's limit for unprivileged users
                fcntl.fcntl(self._reading_end, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        self._lock = threading.Lock()
        self._text = bytearray()
        self._open = True
        threading.Thread(target=self._pump, name="lambda-log", daemon=True).start()

    def close_writing_end(self) -> None:
        os.close(self.writing_end)

    def take(self) -> str:
        with self._lock:
            self._drain()
            text, self._text = self._text, bytearray()
        return text.decode("utf-8", "replace")

    def _pump(self) -> None:
        poll = select.poll()  # not select(), which knows 1,024 descriptors
        poll.register(self._reading_end, select.POLLIN)
        while self._open:
            poll.poll()
            with self._lock:
                self._drain()
        os.close(self._reading_end)

    def _drain(self) -> None:
        with suppress(BlockingIOError):
            while self._open:
                chunk = os.read(self._reading_end, _PIPE_BYTES)
                self._open = bool(chunk)
                self._text += chunk
