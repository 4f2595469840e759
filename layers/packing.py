"""What the recipes of layers share: locked wheels installed, libraries cut, modules compiled.

The same lock file gives the same bytes.
"""

import os
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PLATFORM = "x86_64-manylinux_2_28"  # what Amazon Linux 2023 runs
PYTHON = "3.13"


class LayerTooLargeError(RuntimeError):
    """The layer exceeds its budget; the message says by how much."""


def refuse_other_pythons() -> None:
    """Raise RuntimeError in a Python whose byte code the layer's is not."""
    if sys.version_info[:2] != tuple(map(int, PYTHON.split("."))):
        raise RuntimeError(f"the layer's byte code needs Python {PYTHON}")


def _uv(*arguments: str) -> str:
    command = [os.environ.get("UV", "uv"), *arguments]
    return subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.PIPE, text=True).stdout


def requirements(group: str, *prune: str) -> str:
    """Return the locked packages of a dependency group, without those named."""
    pruned = [f"--prune={name}" for name in prune]
    return _uv(
        "export", "--quiet", "--frozen", "--no-header", "--no-emit-project", "--no-annotate",
        f"--only-group={group}", *pruned,
    )  # fmt: skip


def install(group: str, target: Path, *, prune: tuple[str, ...] = ()) -> None:
    """Install a dependency group into `target`, as locked, for the platform of functions."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as listed:
        listed.write(requirements(group, *prune))
        listed.flush()
        # Copies: the files stripped below must not be hard links into uv's cache.
        _uv(
            "pip", "install", "--quiet", "--no-deps", "--require-hashes", "--only-binary=:all:",
            "--link-mode=copy", f"--python-platform={PLATFORM}", f"--python-version={PYTHON}",
            f"--target={target}", f"--requirements={listed.name}",
        )  # fmt: skip


def drop_symbols(library: Path) -> None:
    """Cut an ELF library behind the last byte that is ever loaded into memory.

    The part behind it (symbol and debug sections, the section table) is for linkers and debuggers;
    the loader reads only the program headers. `strip` would cut a little more, but it moves
    segments that patched libraries (numpy's) need, and its output differs between versions.
    """
    with library.open("r+b") as file:
        header = bytearray(file.read(64))
        if header[:5] != b"\x7fELF\x02":  # 64 bit
            return
        (table,) = struct.unpack_from("<Q", header, 32)
        entry_size, entries = struct.unpack_from("<HH", header, 54)
        end = table + entry_size * entries
        for index in range(entries):
            file.seek(table + index * entry_size)
            segment = struct.unpack("<IIQQQQQQ", file.read(56))
            end = max(end, segment[2] + segment[5])
        struct.pack_into("<Q", header, 40, 0)
        struct.pack_into("<HH", header, 60, 0, 0)
        file.seek(0)
        file.write(header)
        file.truncate(end)


def compile_modules(site: Path) -> None:
    """Compile every module of a layer."""
    # Byte code is trusted without looking at the source: zips change times, and /opt is read-only,
    # so without it each cold start would compile for more than a second.
    subprocess.run(
        [sys.executable, "-m", "compileall", "-q", "--invalidation-mode=unchecked-hash",
         "-s", str(site), "-p", "/opt/python", str(site)],
        check=True,
        env={"PYTHONHASHSEED": "0"},
    )  # fmt: skip


def hold_to_budget(site: Path, mib: int, layer: str) -> None:
    """Print how large a layer is; raise LayerTooLargeError if it is larger than it may be."""
    sizes = _sizes(site)
    _report(sizes)
    if (total := sum(sizes.values())) > mib * 2**20:
        raise LayerTooLargeError(f"{total / 2**20:.1f} MiB, the {layer} layer may have {mib}")


def _sizes(site: Path) -> dict[str, int]:
    return {
        entry.name: sum(
            path.stat().st_size for path in (entry, *entry.rglob("*")) if path.is_file()
        )
        for entry in site.iterdir()
    }


def _report(sizes: dict[str, int]) -> None:
    for name, size in sorted(sizes.items(), key=lambda item: -item[1])[:12]:
        print(f"{size / 2**20:8.1f} MiB  {name}")
    print(f"{sum(sizes.values()) / 2**20:8.1f} MiB  in all")
