"""How the lives are drawn: the same ones on each machine."""

import pytest
from hypothesis.internal.conjecture.providers import HypothesisProvider


def draw_alike(patch: pytest.MonkeyPatch) -> None:
    """Let Hypothesis draw from the rules alone.

    Otherwise it also draws the constants of all modules that this process has loaded. Which these
    are depends on the tests that ran before in it, so no two runs lived the same lives.
    """
    patch.setattr(HypothesisProvider, "_maybe_draw_constant", lambda *_, **__: None)
