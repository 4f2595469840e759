"""What a function makes ready in Lambda's init phase, before anyone waits for it."""

from collections.abc import Callable

from helpdesk import starting, telemetry


def prepare(service: str, make_ready: Callable[[], object]) -> None:
    """Make ready, and finish the start of the function.

    What fails here is logged, and fails again with the first request or message.
    """
    try:
        make_ready()
    except Exception:
        telemetry.logger(service).exception("not prepared")
    finally:
        starting.finish()
