"""The start of a function: imported before everything else by those whose start is long.

While Lambda starts a function, Python looks for garbage again and again among objects that all
stay. So it does not look until the start is finished, and never again among these objects.

Lambda may keep a snapshot of a started process and continue many environments from it (SnapStart).
What is unique is therefore made after the start: no id, no key and no moment belongs to it
(docs.aws.amazon.com/lambda/latest/dg/snapstart-uniqueness.html).
"""

import gc
import random
from collections.abc import Callable
from importlib import import_module
from typing import Any

from helpdesk.settings import InitSettings


def in_lambda() -> bool:
    """Return whether this is Lambda's init phase, not an import by a test or a tool."""
    return InitSettings.from_env().in_lambda


def finish() -> None:
    """Take all that is loaded as lasting, and look for garbage from now on."""
    gc.freeze()
    gc.enable()


def endure_snapshots(disconnect: Callable[[], object]) -> None:
    """Where Lambda keeps a snapshot of this process, part from what must not be in it.

    Before the snapshot, connections are closed (`disconnect`): in another environment they are
    dead, and a call would wait for them. After it, each environment draws random numbers of its
    own: of pauses between attempts, ours and botocore's.
    """
    if InitSettings.from_env().is_kept:
        snapshots: Any = import_module("snapshot_restore_py")  # only Lambda's runtime has it
        snapshots.register_before_snapshot(disconnect)
        snapshots.register_after_restore(random.seed)


if in_lambda():
    gc.disable()
