"""The virtual environments of LocalStack and of the functions, built from their locks with uv."""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from infra.emulator.errors import EmulatorError
from infra.emulator.state_folder import Say
from infra.paths import ROOT

PLUGIN = ROOT / "infra" / "localstack"
RUNTIME = PLUGIN / "runtime"
PYTHON_VERSION = (3, 13)


def environments(folder: Path, uv: str | None, say: Say) -> tuple[Path, Path]:
    """LocalStack's and the functions' virtual environments, built when their locks changed."""
    if sys.version_info[:2] != PYTHON_VERSION:
        wanted = ".".join(map(str, PYTHON_VERSION))
        raise EmulatorError(f"run this with Python {wanted}, not {sys.version.split()[0]}")
    localstack, runtime = folder / "venv-localstack", folder / "venv-lambda"
    _build(PLUGIN, localstack, uv, say, "LocalStack (about 120 packages)")
    _build(RUNTIME, runtime, uv, say, "the Lambda runtime", "--compile-bytecode")
    return localstack, runtime


def _build(project: Path, into: Path, uv: str | None, say: Say, what: str, *options: str) -> None:
    recipe = b"".join((project / name).read_bytes() for name in ("pyproject.toml", "uv.lock"))
    identity = "\n".join([hashlib.sha256(recipe).hexdigest(), sys.version, str(into)])
    stamp = into / "built-from"
    if stamp.exists() and stamp.read_text() == identity:
        return
    program = uv or os.environ.get("UV") or shutil.which("uv")
    if program is None:
        raise EmulatorError(
            "uv is needed to build the environments and is not on the path.\n"
            "Install it (https://docs.astral.sh/uv), or name it: UV=/path/to/uv"
        )
    say(f"Building the environment of {what}: once, and again when its versions change")
    began = time.monotonic()
    stamp.unlink(missing_ok=True)
    command = [program, "sync", "--locked", "--quiet", "--python", sys.executable]
    environment = {**os.environ, "UV_PROJECT_ENVIRONMENT": str(into)}
    environment.pop("VIRTUAL_ENV", None)
    command += [*options, "--project", str(project)]
    result = subprocess.run(command, env=environment, check=False)
    if result.returncode != 0:
        raise EmulatorError(f"uv could not build {into}; its messages are above")
    stamp.write_text(identity)
    say(f"Built in {time.monotonic() - began:.1f} s")
