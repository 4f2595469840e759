"""The changes that recipes make to installed packages: exact, or the build fails."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from layers.thinning import ChangedUpstreamError, load_on_demand, replace

GATHERS = '''"""Everything."""

from .one import first, second as other
from .two import third

__all__ = ["first", "other", "third"]
'''


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "gathering"
    folder.mkdir()
    (folder / "__init__.py").write_text(GATHERS)
    (folder / "one.py").write_text("first, second = 1, 2\n")
    (folder / "two.py").write_text("third = 3\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    for name in [name for name in sys.modules if name.split(".")[0] == "gathering"]:
        del sys.modules[name]


def test_names_are_loaded_when_they_are_asked_for(package: Path) -> None:
    load_on_demand(package / "__init__.py")
    gathering = importlib.import_module("gathering")

    assert gathering.__doc__ == "Everything."
    assert "gathering.one" not in sys.modules
    assert (gathering.first, gathering.other) == (1, 2)
    assert "gathering.two" not in sys.modules
    assert [getattr(gathering, name) for name in gathering.__all__] == [1, 2, 3]
    with pytest.raises(AttributeError, match="module 'gathering' has no attribute 'fourth'"):
        _ = gathering.fourth


@pytest.mark.parametrize(
    "source",
    [
        GATHERS + "print('hello')\n",
        "from .one import *\n",
        "import os\n",
        "from os import sep\n",
        "first = 1\n",
        '"""Nothing."""\n',
    ],
)
def test_a_module_that_does_more_stays_as_it_is(package: Path, source: str) -> None:
    module = package / "__init__.py"
    module.write_text(source)

    with pytest.raises(ChangedUpstreamError, match="__init__"):
        load_on_demand(module)
    assert module.read_text() == source


def test_a_file_that_is_linked_to_the_installers_cache_stays_there(package: Path) -> None:
    module, cached = package / "__init__.py", package / "cached.py"
    cached.hardlink_to(module)

    replace(module, "Everything", "All")
    load_on_demand(module)

    assert cached.read_text() == GATHERS


def test_a_text_is_replaced_if_it_is_there_once(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text("one two two\n")

    replace(module, "one", "zero")

    assert module.read_text() == "zero two two\n"
    for missing in ("one", "two"):
        with pytest.raises(ChangedUpstreamError, match=missing):
            replace(module, missing, "three")
    assert module.read_text() == "zero two two\n"
