"""Build the NLP layer: pinned wheels, pruned and stripped, and the sentence encoder.

    python -m layers.nlp.build --out build/layers/nlp [--light]

The same lock file gives the same bytes. An installed spaCy is larger than Lambda accepts for
function and layers together, so modules that the functions never import are left out. At the end
the build imports the result in a clean interpreter, so a missing module is found.
"""

import argparse
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

from layers.nlp import encoder
from layers.nlp.thin import thin

ROOT = Path(__file__).resolve().parents[2]
PLATFORM = "x86_64-manylinux_2_28"  # what Amazon Linux 2023 runs
PYTHON = "3.13"
BUDGET_MIB = {"full": 210, "light": 140}

# Reached only through spaCy's command line and project downloads, by tokenizers' hub client, or for
# settings of components that the layer has none of.
UNUSED = (
    "cloudpathlib", "httpx", "huggingface-hub", "jinja2", "requests", "rich", "setuptools",
    "smart-open", "spacy-legacy", "spacy-loggers", "typer", "weasel",
)  # fmt: skip
SENTENCE_ENCODER = ("onnxruntime",)  # the light layer has static vectors instead

LANGUAGES = {"en"}
PRUNED = (
    "bin", "include", "spacy/tests", "spacy/cli", "thinc/tests", "numpy/f2py",
    "onnxruntime/backend", "onnxruntime/datasets", "onnxruntime/quantization",
    "onnxruntime/tools", "onnxruntime/transformers",
)  # fmt: skip
# What a start must not load: each would cost several milliseconds.
UNLOADED = {
    "pydantic.v1", "spacy.ml", "spacy.pipeline.tagger", "srsly._yaml_api", "thinc.layers.linear",
    "tqdm",
}  # fmt: skip
SOURCES = {".c", ".cc", ".cpp", ".h", ".hpp", ".pxd", ".pyi", ".pyx", ".a"}
METADATA = {"METADATA", "entry_points.txt"}


class LayerTooLargeError(RuntimeError):
    """The layer exceeds its budget; the message says by how much."""


def build(out: Path, *, light: bool) -> None:
    """Fill `out` (emptied first) with the layer's content: `python/…`.

    `light` leaves out onnxruntime and the sentence encoder and puts static vectors in its place.
    Raises LayerTooLargeError over budget and CalledProcessError when a tool or an import fails.
    """
    if sys.version_info[:2] != tuple(map(int, PYTHON.split("."))):
        raise RuntimeError(f"the layer's byte code needs Python {PYTHON}")
    shutil.rmtree(out, ignore_errors=True)
    site = out / "python"
    site.mkdir(parents=True)
    left_out = UNUSED + (SENTENCE_ENCODER if light else ()) + _packages_of_the_core_layer()
    _install("nlp-layer", site, prune=left_out)
    _prune(site)
    thin(site)
    for library in sorted(site.rglob("*.so*")):
        _drop_symbols(library)
    shutil.copytree(encoder.build(light=light), site / "helpdesk_encoder")
    _compile(site)
    sizes = _sizes(site)
    _report(sizes)
    mode = "light" if light else "full"
    if (total := sum(sizes.values())) > BUDGET_MIB[mode] * 2**20:
        raise LayerTooLargeError(
            f"{total / 2**20:.1f} MiB, the {mode} layer may have {BUDGET_MIB[mode]}"
        )
    _import(site)


def _uv(*arguments: str) -> str:
    command = [os.environ.get("UV", "uv"), *arguments]
    return subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.PIPE, text=True).stdout


def _requirements(group: str, *prune: str) -> str:
    pruned = [f"--prune={name}" for name in prune]
    return _uv(
        "export", "--quiet", "--frozen", "--no-header", "--no-emit-project", "--no-annotate",
        f"--only-group={group}", *pruned,
    )  # fmt: skip


def _packages_of_the_core_layer() -> tuple[str, ...]:
    return tuple(re.findall(r"^([\w.-]+)==", _requirements("core-layer"), re.MULTILINE))


def _install(group: str, target: Path, *, prune: tuple[str, ...] = ()) -> None:
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as listed:
        listed.write(_requirements(group, *prune))
        listed.flush()
        # Copies: the files stripped below must not be hard links into uv's cache.
        _uv(
            "pip", "install", "--quiet", "--no-deps", "--require-hashes", "--only-binary=:all:",
            "--link-mode=copy", f"--python-platform={PLATFORM}", f"--python-version={PYTHON}",
            f"--target={target}", f"--requirements={listed.name}",
        )  # fmt: skip


def _prune(site: Path) -> None:
    for name in PRUNED:
        shutil.rmtree(site / name, ignore_errors=True)
    # For programs in C; the Python module is linked with a copy of its own.
    for library in (site / "onnxruntime/capi").glob("libonnxruntime.so.*"):
        library.unlink()
    for words in (site / "symspellpy").glob("*.txt"):  # the desk brings its own words
        words.unlink()
    for language in (site / "spacy/lang").iterdir():
        if language.is_dir() and language.name not in LANGUAGES:
            shutil.rmtree(language)
    for folder in sorted(site.rglob("tests")):
        shutil.rmtree(folder, ignore_errors=True)
    for path in sorted(site.rglob("*")):
        licence = path.parent.name == "licenses" or "license" in path.name.lower()
        metadata = path.parent.suffix == ".dist-info" and path.name not in METADATA and not licence
        if path.is_file() and (path.suffix in SOURCES or metadata or path.name == ".lock"):
            path.unlink()


def _drop_symbols(library: Path) -> None:
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


def _compile(site: Path) -> None:
    # Byte code is trusted without looking at the source: zips change times, and /opt is read-only,
    # so without it each cold start would compile for more than a second.
    subprocess.run(
        [sys.executable, "-m", "compileall", "-q", "--invalidation-mode=unchecked-hash",
         "-s", str(site), "-p", "/opt/python", str(site)],
        check=True,
        env={"PYTHONHASHSEED": "0"},
    )  # fmt: skip


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


def _import(site: Path) -> None:
    """Run what the worker runs, with nothing on the path but the two layers."""
    code = (
        "import sys\n"
        "import tempfile\n"
        "from pathlib import Path\n"
        "import spacy\n"
        "from helpdesk.understanding import Understander, fit, load_encoder\n"
        f"encoder = load_encoder(Path({str(site / 'helpdesk_encoder')!r}))\n"
        "model = fit({'refund': ['money back', 'refund me'], 'track': ['where is it']}, encoder)\n"
        "desk = Understander(model, encoder)\n"
        "assert desk.understand('refund please').ranking\n"
        f"assert not {UNLOADED} & set(sys.modules), {UNLOADED} & set(sys.modules)\n"
        "with tempfile.TemporaryDirectory() as folder:\n"
        "    desk.pipeline.to_disk(folder)\n"
        "    loaded = spacy.load(folder)\n"
        "assert loaded('refund please')._.ranking == desk.understand('refund please').ranking\n"
    )
    with tempfile.TemporaryDirectory() as core:
        _install("core-layer", Path(core))
        path = os.pathsep.join([str(site), str(ROOT / "layers/core/python"), core])
        subprocess.run(
            [sys.executable, "-S", "-B", "-c", code], check=True, env={"PYTHONPATH": path}
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--light", action="store_true")
    options = parser.parse_args()
    build(options.out, light=options.light)
