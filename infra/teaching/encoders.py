"""Where the sentence encoders are that the layer's recipe builds."""

from pathlib import Path

from infra import module_file
from infra.paths import ROOT


def folder(*, light: bool = False) -> Path:
    """Return the folder of the full or the light encoder; build it first if it is missing."""
    recipe = module_file.load(ROOT / "layers" / "nlp" / "encoder.py")
    found: Path = recipe.build(light=light)
    return found
