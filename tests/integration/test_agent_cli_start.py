"""The terminal answers at once: help loads no heavy library. And the manual is true."""

import subprocess
import sys

import pytest

from infra.documenting import manual

HEAVY = {"boto3", "botocore", "numpy", "pydantic", "rich", "spacy", "textual", "yaml"}
MODULES = 220
"""Modules that help may load, of which the interpreter itself and click are the most."""

PROBE = """
import sys
from agent_cli.cli import main
try:
    main(sys.argv[1:], prog_name="helpdesk")
except SystemExit as done:
    assert not done.code
print(*sorted({name.split(".")[0] for name in sys.modules}), len(sys.modules), file=sys.stderr)
"""


@pytest.mark.parametrize(
    "words",
    [
        "--help",
        "--version",
        "ticket --help",
        "ticket reply --help",
        "inbox --help",
        "queue --help",
        "deadletter --help",
        "knowledge --help",
        "stats --help",
        "doctor --help",
        "config --help",
        "config list --help",
    ],
)
def test_help_loads_no_heavy_library(words: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROBE, *words.split()], capture_output=True, text=True, check=True
    )
    *loaded, count = done.stderr.split()

    assert not HEAVY & set(loaded)
    assert int(count) < MODULES


def test_the_manual_is_what_the_commands_say() -> None:
    assert manual.MANUAL.read_text() == manual.manual(), "run python -m infra.documenting.manual"


def test_the_published_schemas_are_what_the_commands_print() -> None:
    assert manual.SCHEMAS.read_text() == manual.schemas(), "run python -m infra.documenting.manual"
