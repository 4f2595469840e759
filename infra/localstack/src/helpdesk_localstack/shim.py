"""First code of every Lambda process: dies with LocalStack, then becomes AWS's runtime client.

Run as a script by the function's interpreter with `<lifeline fd> <handler>`; standard library only,
because nothing of LocalStack's environment is visible there.
"""

import os
import runpy
import select
import signal
import sys
import threading


def die_at_end_of(lifeline: int) -> None:
    """Kill this process group once the other end of the pipe is closed, however that came about."""
    os.read(lifeline, 1)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    lifeline, handler = int(sys.argv[1]), sys.argv[2]
    os.set_inheritable(lifeline, False)
    threading.Thread(target=die_at_end_of, args=(lifeline,), daemon=True).start()
    del sys.path[0]  # this folder: a function must not import the plugin's modules by accident
    sys.argv = ["awslambdaric", handler]
    try:
        runpy.run_module("awslambdaric", run_name="__main__", alter_sys=True)
    finally:
        # The runtime client may notice the end of LocalStack first, and leave. Its children stay
        # unless this process ends the group, so wait a moment for the pipe's other end to close.
        if select.select([lifeline], [], [], 0.1)[0]:
            os.killpg(0, signal.SIGKILL)
