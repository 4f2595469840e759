"""A file of records, each appended whole before the next: what was appended survives `kill -9`.

A record is its length, its CRC-32 and its bytes. A crash can cut the last one short; a reader then
drops that one and has everything before it.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

_HEAD = struct.Struct(">II")  # length of the payload, CRC-32 of the payload


class Journal:
    """Appends to `path`, which is created when it does not exist. One caller at a time.

    A record is with the operating system when `append` returns, so the end of this process cannot
    lose it. With `sync` it is on the disk, so a power failure cannot lose it either.
    """

    def __init__(self, path: Path, *, sync: bool) -> None:
        self.path = path
        self._sync = sync
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self.size = os.fstat(self._file).st_size

    def append(self, payload: bytes) -> None:
        """Add one record. OSError when it cannot be written; the file is then as it was before."""
        record = memoryview(_HEAD.pack(len(payload), zlib.crc32(payload)) + payload)
        try:
            written = 0
            while written < len(record):
                written += os.write(self._file, record[written:])
            if self._sync:
                os.fdatasync(self._file)
        except OSError:
            if self._file >= 0:
                os.ftruncate(self._file, self.size)
            raise
        self.size += len(record)

    def close(self) -> None:
        """Put everything on the disk and let go of the file. Appending is an OSError afterwards."""
        os.fsync(self._file)
        os.close(self._file)
        self._file = -1  # its number may soon be another file's


def records(path: Path) -> Iterator[bytes]:
    """The payloads in `path`. ValueError when the file is damaged anywhere."""
    sound = 0
    for end, payload in _sound_records(path.read_bytes()):
        sound = end
        yield payload
    if sound != path.stat().st_size:
        raise ValueError(f"{path} is damaged at byte {sound}")


def mend(path: Path) -> int:
    """Cut off a last record that a crash left torn; return how many bytes that were.

    ValueError when the damage is not at the end: then more than the last record would go.
    """
    content = path.read_bytes()
    sound = 0
    for end, _payload in _sound_records(content):
        sound = end
    rest = content[sound:]
    if not rest:
        return 0
    if not _is_torn(rest):
        raise ValueError(f"{path} is damaged at byte {sound}, before its last record")
    os.truncate(path, sound)
    return len(rest)


def _sound_records(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Each payload with the offset at which its record ends, up to the first bad one."""
    start = 0
    while start + _HEAD.size <= len(content):
        length, checksum = _HEAD.unpack_from(content, start)
        end = start + _HEAD.size + length
        payload = content[start + _HEAD.size : end]
        if not length or end > len(content) or zlib.crc32(payload) != checksum:
            return
        yield end, payload
        start = end


def _is_torn(rest: bytes) -> bool:
    if len(rest) < _HEAD.size or not any(rest):  # zeros: the length reached the disk, the data not
        return True
    length, _checksum = _HEAD.unpack_from(rest)
    return _HEAD.size + int(length) >= len(rest)
