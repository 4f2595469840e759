"""Layers laid over each other."""

from __future__ import annotations

from pathlib import Path

from helpdesk_localstack.layers import merge


def layer(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / "python" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def test_no_layers_no_folder(tmp_path: Path) -> None:
    assert merge([], tmp_path) is None


def test_the_last_layer_wins_and_no_layer_is_changed(tmp_path: Path) -> None:
    first = layer(tmp_path / "1", both="first", one="1")
    second = layer(tmp_path / "2", both="second", two="2")
    merged = merge([first, second], tmp_path / "merged")
    assert merged is not None
    content = {path.name: path.read_text() for path in (merged / "python").iterdir()}
    assert content == {"both": "second", "one": "1", "two": "2"}
    assert (first / "python" / "both").read_text() == "first"
    assert merge([second, first], tmp_path / "merged") != merged


def test_the_same_list_is_merged_once(tmp_path: Path) -> None:
    layers = [layer(tmp_path / "1", a="1"), layer(tmp_path / "2", b="2")]
    merged = merge(layers, tmp_path / "merged")
    assert merged is not None
    (merged / "mark").touch()
    assert merge(layers, tmp_path / "merged") == merged
    assert (merged / "mark").exists()
    assert len(list((tmp_path / "merged").iterdir())) == 1
