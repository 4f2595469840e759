"""Builds what the template deploys: a zip for each function and each layer, in `build/`.

A zip holds nothing that changes from one build to the next (times, owners, file order), so the
same sources give the same bytes, and a zip whose inputs did not change is not built again.
"""

import argparse
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from infra import file_lock
from infra.paths import BUILD, ROOT
from layers.core.thin import thin

CORE = ROOT / "layers" / "core" / "python"
NLP = ROOT / "layers" / "nlp"
THINNING = (ROOT / "layers" / "thinning.py", ROOT / "layers" / "core" / "thin.py")
DOCUMENTS = ROOT / "layers" / "documents"
PACKING = ROOT / "layers" / "packing.py"
PLATFORM = "x86_64-manylinux_2_28"
LIMIT = 250 * 1024 * 1024
"""Bytes that a function and its layers may have unzipped on AWS."""

ENCODER = os.environ.get("ENCODER", "full")
"""Which layer is built: with the sentence encoder (full), or small, with static vectors (light)."""

_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Artifact:
    """One zip: its name, the files it is made from, and how its folder is filled."""

    name: str
    inputs: tuple[Path, ...]
    fill: Callable[[Path], None]

    @property
    def zip(self) -> Path:
        """Where the zip is."""
        return BUILD / f"{self.name}.zip"

    @property
    def stamp(self) -> Path:
        """Where the digest of the inputs of the last build is."""
        return BUILD / f".{self.name}.digest"


def artifacts() -> tuple[Artifact, ...]:
    """Return every artifact the template names."""
    lock = ROOT / "uv.lock"
    documents = (DOCUMENTS, PACKING, lock, ROOT / "pyproject.toml")
    functions = ROOT / "functions"
    return (
        *(Artifact(each.name, (each,), _copy(each)) for each in sorted(functions.iterdir())),
        Artifact("core-layer", (CORE, *THINNING, lock, ROOT / "pyproject.toml"), _fill_core),
        Artifact("nlp-layer", (NLP, PACKING, *THINNING, lock, ROOT / "pyproject.toml"), _fill_nlp),
        Artifact("documents-layer", documents, _fill_documents),
    )


def build(say: Callable[[str], None] = print) -> dict[str, Path]:
    """Build what is out of date and return every zip by name. Two builds wait for each other."""
    with file_lock.take(BUILD / ".lock", lambda: say("another build is under way: waiting for it")):
        for artifact in artifacts():
            digest = _digest(artifact.inputs)
            if artifact.zip.exists() and _read(artifact.stamp) == digest:
                continue
            started = time.monotonic()
            folder = BUILD / artifact.name
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            artifact.fill(folder)
            size = _zip(folder, artifact.zip)
            artifact.stamp.write_text(digest)
            say(
                f"built {artifact.name}: {size / 2**20:.1f} MiB unzipped, "
                f"{artifact.zip.stat().st_size / 2**20:.1f} MiB zipped, "
                f"{time.monotonic() - started:.0f} s"
            )
    return {artifact.name: artifact.zip for artifact in artifacts()}


def unzipped(path: Path) -> int:
    """Return the bytes a zip has when unpacked."""
    with zipfile.ZipFile(path) as archive:
        return sum(entry.file_size for entry in archive.infolist())


def install(group: str, target: Path) -> None:
    """Install a dependency group into `target`, as locked, for the Lambda platform."""
    uv = os.environ.get("UV", "uv")
    requirements = target.parent / f".{group}.txt"
    export = [uv, "export", "--frozen", "--quiet", "--only-group", group, "--output-file"]
    subprocess.run([*export, requirements], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    place: list[str | Path] = [
        "--python",
        sys.executable,
        "--target",
        target,
        "--python-platform",
        PLATFORM,
        "--link-mode",
        "copy",  # files that the recipe changes must not be hard links into uv's cache
    ]
    exact = ["--only-binary", ":all:", "--require-hashes", "--no-deps", "--requirements"]
    subprocess.run([uv, "pip", "install", "--quiet", *place, *exact, requirements], check=True)
    requirements.unlink()


def compile_bytecode(folder: Path) -> None:
    """Compile every module: a layer is read-only, so a cold start would compile it each time."""
    compile_all = [sys.executable, "-m", "compileall", "-q", "-j", "0"]
    exact: list[str | Path] = [
        "--invalidation-mode",
        "unchecked-hash",
        "-s",
        folder,
        "-p",
        "/opt/python",
        folder,
    ]
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run([*compile_all, *exact], check=True, env=environment)


def _fill_core(folder: Path) -> None:
    site = folder / "python"
    install("core-layer", site)
    for waste in (site / "bin", *site.glob(".lock"), *site.rglob("__pycache__")):
        shutil.rmtree(waste) if waste.is_dir() else waste.unlink(missing_ok=True)
    shutil.copytree(CORE / "helpdesk", site / "helpdesk", ignore=_no_bytecode)
    _copy_chalice(site / "chalice")
    thin(site)
    compile_bytecode(site)


def _copy_chalice(folder: Path) -> None:
    """Chalice ships two files with a function; the rest of it is tools for deploying."""
    spec = importlib.util.find_spec("chalice")
    assert spec and spec.origin
    folder.mkdir()
    for name in ("__init__.py", "app.py"):
        shutil.copyfile(Path(spec.origin).parent / name, folder / name)


def _fill_nlp(folder: Path) -> None:
    light = ["--light"] if ENCODER == "light" else []
    subprocess.run([sys.executable, NLP / "build.py", "--out", folder, *light], check=True)


def _fill_documents(folder: Path) -> None:
    module = "layers.documents.build"
    subprocess.run([sys.executable, "-m", module, "--out", folder], cwd=ROOT, check=True)


_no_bytecode = shutil.ignore_patterns("__pycache__", "*.pyc")


def _copy(source: Path) -> Callable[[Path], None]:
    return lambda folder: _copy_tree(source, folder)


def _copy_tree(source: Path, folder: Path) -> None:
    shutil.copytree(source, folder, ignore=_no_bytecode, dirs_exist_ok=True)


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        found = sorted(path.rglob("*")) if path.is_dir() else [path]
        yield from (p for p in found if p.is_file() and "__pycache__" not in p.parts)


def _digest(inputs: Iterable[Path]) -> str:
    digest = hashlib.sha256(Path(__file__).read_bytes() + ENCODER.encode())
    for path in _files(inputs):
        digest.update(str(path.relative_to(ROOT)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _zip(folder: Path, target: Path) -> int:
    size = 0
    unfinished = target.with_suffix(".unfinished")
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            entry = zipfile.ZipInfo(str(path.relative_to(folder)), _EPOCH)
            entry.external_attr = (0o755 if os.access(path, os.X_OK) else 0o644) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())
            size += path.stat().st_size
    unfinished.replace(target)
    return size


def _read(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def main() -> int:
    """Build everything and say how large it is; return 1 if it is larger than AWS allows."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    zips = build()
    for name, path in zips.items():
        print(f"{name:12} {unzipped(path) / 2**20:7.1f} MiB unzipped  {path.relative_to(ROOT)}")
    worker = sum(unzipped(zips[name]) for name in ("worker", "core-layer", "nlp-layer"))
    print(f"{'worker, all':12} {worker / 2**20:7.1f} MiB of {LIMIT / 2**20:.0f} allowed")
    return 0 if worker <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
