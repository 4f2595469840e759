"""The parts of a function that understands or learns. Importing this needs the language layer.

The functions import it at their start, so that Lambda loads spaCy while it prepares the function
and not while a customer waits.
"""

from collections.abc import Callable
from datetime import datetime

from helpdesk import learning, ports
from helpdesk.composition.parts import Parts
from helpdesk.understanding import load_encoder
from helpdesk.understanding.live import LiveUnderstander
from helpdesk.understanding.teaching import SpacyTeacher


class LanguageParts(Parts):
    """A stack's parts, with an understander and a teacher."""

    def understander(self, clock: Callable[[], datetime]) -> ports.Understander:
        """Return an understander that follows the model in force."""
        return LiveUnderstander(self.models, clock=clock)

    def teacher(self, target_precision: float, strangers_share: float) -> learning.Teacher:
        """Return a teacher that fits for a precision and a share of strangers, both 0 to 1."""
        return SpacyTeacher(
            load_encoder(), target_precision=target_precision, strangers_share=strangers_share
        )
