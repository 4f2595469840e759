"""The documents layer: within its budget, the same twice, with the licences of what it carries.

Needs `uv` (in `UV` or on the path) and the layer's packages in its cache, or a package index.
"""

import hashlib
from pathlib import Path

import pytest

from layers.documents import build

ROOT = Path(__file__).parents[2]


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


@pytest.mark.slow
def test_the_layer_is_within_its_budget_and_the_same_twice(tmp_path: Path) -> None:
    """`build` itself fails when the tree cannot read a text and a picture."""
    digests = []
    for name in ("one", "other"):
        build.build(tmp_path / name)
        digest = hashlib.sha256()
        for path in _files(tmp_path / name):
            digest.update(str(path.relative_to(tmp_path / name)).encode() + path.read_bytes())
        digests.append(digest.hexdigest())
    built = _files(tmp_path / "one")

    assert digests[0] == digests[1]
    assert sum(path.stat().st_size for path in built) <= build.BUDGET_MIB * 2**20
    languages = {path.stem for path in built if path.suffix == ".traineddata"}
    assert languages == {"eng", "deu"}


@pytest.mark.slow
def test_every_package_of_the_layer_brings_its_licence(tmp_path: Path) -> None:
    build.build(tmp_path)
    silent = []
    for metadata in (tmp_path / "python").glob("*.dist-info"):
        texts = [path for path in _files(metadata) if "license" in str(path).lower()]
        named = "\nLicense" in (metadata / "METADATA").read_text()
        if not texts and not named:
            silent.append(metadata.name)

    assert not silent


def test_a_layer_over_its_budget_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(bytes(2**20 + 1))

    with pytest.raises(build.packing.LayerTooLargeError, match="may have 1"):
        build.packing.hold_to_budget(tmp_path, 1, "documents")
