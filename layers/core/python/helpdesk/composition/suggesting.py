"""What writes the drafts for assisted persons: the engine of the settings, if they name one."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from helpdesk.assisting import Compose, composed
from helpdesk.settings import PredictSettings


def compose(settings: PredictSettings, clock: Callable[[], datetime]) -> Compose:
    """Return what writes a draft. Its engine has one budget with that of the tickets' drafts.

    Without an engine it quotes, and no engine is imported.
    """
    if not settings.engine:
        return partial(composed, None)
    from helpdesk.composition.engine import DrafterParts  # noqa: PLC0415 -- most desks have none

    engine = DrafterParts.of_settings(settings).budgeted(settings, clock)
    return lambda material: composed(engine(material.conversation), material)
