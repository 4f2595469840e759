"""The agents' terminal in a process that kills itself, as `kill -9` would, before an AWS call.

    python tests/e2e/doomed.py CALL LEASE WORDS...

CALL counts from 1; 0 is never. LEASE is in seconds, so that a story can see one end.
"""

import os
import signal
import sys
from datetime import timedelta
from itertools import count
from typing import Any

from botocore.client import BaseClient

from agent_cli import desk
from agent_cli.cli import main

desk.Desk.lease = property(lambda _: timedelta(seconds=int(sys.argv[2])))

fatal = int(sys.argv[1])
calls = count(1)
call_aws = BaseClient._make_api_call


def call_or_die(self: BaseClient, operation: str, given: dict[str, Any]) -> Any:
    if next(calls) == fatal:
        sys.stderr.write(f"dies before {operation}\n")
        sys.stderr.flush()
        os.kill(os.getpid(), signal.SIGKILL)
    return call_aws(self, operation, given)


BaseClient._make_api_call = call_or_die
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
os.environ["DOOMED"] = str(os.getpid())
main(sys.argv[3:], prog_name="helpdesk")
