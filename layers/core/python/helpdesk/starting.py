"""The start of a function: imported before everything else by those whose start is long.

While Lambda starts a function, Python looks for garbage again and again among objects that all
stay. So it does not look until the start is finished, and never again among these objects.
"""

import gc

from helpdesk.settings import InitSettings


def in_lambda() -> bool:
    """Return whether this is Lambda's init phase, not an import by a test or a tool."""
    return InitSettings.from_env().in_lambda


def finish() -> None:
    """Take all that is loaded as lasting, and look for garbage from now on."""
    gc.freeze()
    gc.enable()


if in_lambda():
    gc.disable()
