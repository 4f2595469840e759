"""The teacher as the template's defaults make it, for what measures on one machine."""

from typing import Final

from helpdesk.understanding import load_encoder
from helpdesk.understanding.teaching import SpacyTeacher

from infra.teaching import encoders

TARGET_PRECISION: Final = 0.96
STRANGERS_SHARE: Final = 0.2


def default_teacher() -> SpacyTeacher:
    """Return a teacher with the full encoder; build that first if it is missing."""
    return SpacyTeacher(
        load_encoder(encoders.folder()),
        target_precision=TARGET_PRECISION,
        strangers_share=STRANGERS_SHARE,
    )
