"""Layers as AWS presents them: one folder, every layer laid over the ones before it."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from helpdesk_localstack import kept_code


def merge(layers: Sequence[Path], into: Path) -> Path | None:
    """The folder that holds all of `layers`, unzipped folders in the function's order.

    Built below `into` on first use and shared by every function with the same list. Files are
    hard links, so a merged layer costs no space. It gets its name when it is whole: what a killed
    process leaves is never used. None when there are no layers.
    """
    if not layers:
        return None
    merged = into / hashlib.sha256("\0".join(map(str, layers)).encode()).hexdigest()
    if merged.exists():
        kept_code.used(merged)
        return merged
    into.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(dir=into))
    for layer in layers:
        shutil.copytree(layer, partial, copy_function=_link, dirs_exist_ok=True, symlinks=True)
    try:
        partial.rename(merged)
    except OSError:  # another function's version was prepared at the same time
        shutil.rmtree(partial)
    return merged


def _link(source: str, target: str) -> None:
    Path(target).unlink(missing_ok=True)  # a later layer replaces, it does not write through
    os.link(source, target, follow_symlinks=False)
