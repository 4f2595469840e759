"""Odd standard streams, arguments and commands: one line for the agent, the right exit code."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOWHERE = ("--endpoint-url", "http://127.0.0.1:9", "--region", "us-east-1")


def run(shell: str, home: Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run a line of shell in which `helpdesk` is the terminal tool, without a stack."""
    paths = os.pathsep.join((str(ROOT), str(ROOT / "layers/core/python")))
    return subprocess.run(
        ["/bin/sh", "-c", f'helpdesk() {{ "{sys.executable}" -m agent_cli "$@"; }}; {shell}'],
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "PYTHONPATH": paths,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            **environment,
        },
        capture_output=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("shell", "code", "told"),
    [
        ("helpdesk config list > /dev/full", 1, "the output cannot be written: No space left"),
        ("helpdesk --help > /dev/full", 1, "the output cannot be written: No space left"),
        (f"helpdesk ticket reply x {' '.join(NOWHERE)} <&-", 1, "does not answer"),
        (f"helpdesk ticket note x {' '.join(NOWHERE)} <&-", 1, "does not answer"),
        ("helpdesk config list >&-", 0, ""),
        ("helpdesk config list >&- 2>&- <&-", 0, ""),
        ("helpdesk config list | true", 0, ""),
        (f"helpdesk ticket note x \"$(printf '\\377')\" {' '.join(NOWHERE)}", 1, "does not answer"),
        ("helpdesk tciket list", 2, "'ticket'?)"),
        ("helpdesk ticket lsit", 2, "Did you mean one of: 'list'"),
    ],
)
def test_an_odd_stream_or_command_ends_in_one_line(
    tmp_path: Path, shell: str, code: int, told: str
) -> None:
    ran = run(shell, tmp_path)

    assert (ran.returncode, b"Traceback" in ran.stderr) == (code, False), ran.stderr
    assert told in ran.stderr.decode()


def test_a_terminal_that_cannot_show_a_character_gets_it_escaped(tmp_path: Path) -> None:
    line = "helpdesk config set region 東京 && helpdesk config get region"

    ran = run(line, tmp_path, PYTHONIOENCODING="latin-1", PYTHONUTF8="1")

    assert (ran.returncode, ran.stdout.strip()) == (0, b"\\u6771\\u4eac")
    assert b"Traceback" not in ran.stderr
