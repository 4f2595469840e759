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
import subprocess
import sys
import tempfile
from pathlib import Path

from layers import packing
from layers.nlp import encoder
from layers.nlp.thin import thin

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


def build(out: Path, *, light: bool) -> None:
    """Fill `out` (emptied first) with the layer's content: `python/…`.

    `light` leaves out onnxruntime and the sentence encoder and puts static vectors in its place.
    Raises LayerTooLargeError over budget and CalledProcessError when a tool or an import fails.
    """
    packing.refuse_other_pythons()
    shutil.rmtree(out, ignore_errors=True)
    site = out / "python"
    site.mkdir(parents=True)
    left_out = UNUSED + (SENTENCE_ENCODER if light else ()) + _packages_of_the_core_layer()
    packing.install("nlp-layer", site, prune=left_out)
    _prune(site)
    thin(site)
    for library in sorted(site.rglob("*.so*")):
        packing.drop_symbols(library)
    shutil.copytree(encoder.build(light=light), site / "helpdesk_encoder")
    packing.compile_modules(site)
    mode = "light" if light else "full"
    packing.hold_to_budget(site, BUDGET_MIB[mode], mode)
    _import(site)


def _packages_of_the_core_layer() -> tuple[str, ...]:
    return tuple(re.findall(r"^([\w.-]+)==", packing.requirements("core-layer"), re.MULTILINE))


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
        packing.install("core-layer", Path(core))
        path = os.pathsep.join([str(site), str(packing.ROOT / "layers/core/python"), core])
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
