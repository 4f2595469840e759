"""The code of functions and layers, unzipped once and kept across restarts of LocalStack.

LocalStack unzips an archive again at each start, into a folder of its own. Here the digest of the
archive names the folder, so an archive with other bytes has another folder. A folder gets that name
after the last file is in it: what a killed process leaves has another name, and is never run.
"""

from __future__ import annotations

import base64
import os
import re
import shutil
import threading
from pathlib import Path

from localstack.services.lambda_.invocation.lambda_models import S3Code

_WHOLE = re.compile(r"[0-9a-f]{64}")
_STAMP = "started"
_UNZIP = S3Code.prepare_for_execution


class KeptCode:
    """Keeps unzipped archives below `folder`, and the layers that `layers` makes of them.

    What no function used between the last two starts is removed.
    """

    def __init__(self, folder: Path) -> None:
        self._archives = archives_path(folder)
        self._lock = threading.Lock()  # two functions may have the same archive
        folder.mkdir(parents=True, exist_ok=True)
        stamp = folder / _STAMP
        last_start = stamp.stat().st_mtime_ns if stamp.exists() else 0
        for kept in (self._archives, layers_path(folder)):
            _remove_unused(kept, last_start)
        stamp.touch()

    def install(self) -> None:
        """Keep what LocalStack unzips from now on. Call once per process."""

        def folder_of(code: S3Code) -> Path:  # a bound method would not be given the archive
            return self.folder_of(code)

        def prepare(code: S3Code) -> None:
            self.prepare(code)

        S3Code.get_unzipped_code_location = folder_of
        S3Code.prepare_for_execution = prepare
        S3Code.destroy_cached = _nothing  # another version may run the same code

    def folder_of(self, code: S3Code) -> Path:
        """Where an archive is unzipped, or will be."""
        return self._archives / base64.b64decode(code.code_sha256).hex()

    def prepare(self, code: S3Code) -> None:
        """Unzip an archive, unless that was done. Raises what LocalStack's unzipping raises."""
        with self._lock:
            _UNZIP(code)  # unzips into a temporary folder beside the place, then renames it
            used(self.folder_of(code))


def archives_path(folder: Path) -> Path:
    """Return where unzipped archives are below the folder of kept code."""
    return folder / "archives"


def layers_path(folder: Path) -> Path:
    """Return where merged layers are below the folder of kept code."""
    return folder / "layers"


def used(folder: Path) -> None:
    """Note that a function of this run uses a kept folder."""
    os.utime(folder)


def _remove_unused(kept: Path, last_start: int) -> None:
    for folder in kept.iterdir() if kept.exists() else ():
        if not _WHOLE.fullmatch(folder.name) or folder.stat().st_mtime_ns < last_start:
            shutil.rmtree(folder)


def _nothing(_code: S3Code) -> None:
    """What LocalStack calls when a version no longer needs its code on disk."""
