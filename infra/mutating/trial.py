"""Runs unit tests against a mutant, in a child forked from a process that is warm.

A mutant replaces its module during the import. No file is changed, so an interrupted run leaves
nothing behind, and the tests of two mutants can run at once.
"""

import multiprocessing
import os
import signal
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import CodeType, ModuleType

import boto3  # noqa: F401  what tests import from outside is loaded once, before the children
import hypothesis
import pydantic  # noqa: F401
import pytest

from infra.mutating import rooms

_FORK = multiprocessing.get_context("fork")


class _Loader(SourceFileLoader):
    """Loads a mutant in the place of a file."""

    def __init__(self, name: str, path: Path, code: str) -> None:
        super().__init__(name, str(path))
        self._mutant = code

    def get_code(self, fullname: str) -> CodeType:
        return compile(self._mutant, self.get_filename(fullname), "exec", dont_inherit=True)


class _Finder(MetaPathFinder):
    """Finds one module, and leaves all others to the finders after it."""

    def __init__(self, path: Path, code: str) -> None:
        self._name = rooms.module(path)
        self._path = path
        self._code = code

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        del path, target
        if fullname != self._name:
            return None
        loader = _Loader(fullname, self._path, self._code)
        return spec_from_file_location(fullname, self._path, loader=loader)


def prepare() -> None:
    """Set what the children inherit: found examples are not made smaller, for no one reads them."""
    phases = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
    hypothesis.settings.register_profile("mutants", phases=phases)
    hypothesis.settings.load_profile("mutants")
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"


def start(path: Path, code: str, tests: Sequence[Path]) -> BaseProcess:
    """Start `tests` with `code` as the source of `path`; the exit code is 0 if all passed."""
    process = _FORK.Process(target=_run, args=(path, code, tests))
    process.start()
    return process


def _run(path: Path, code: str, tests: Sequence[Path]) -> None:
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.dont_write_bytecode = True
    sys.meta_path.insert(0, _Finder(path, code))
    options = ["-x", "-p", "pytest_socket", "-p", "no:cacheprovider", "--rootdir", str(rooms.ROOT)]
    status = pytest.main([*options, *map(str, tests)])
    os._exit(status)  # threads that a mutant keeps busy are not waited for
