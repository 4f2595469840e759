"""The wheel that agents install: only the terminal and what it stands on, and it runs alone."""

import os
import subprocess
import tomllib
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UV = ROOT / "build/tools/bin/uv"
IMPORT_ALL = """
import importlib, pkgutil, agent_cli
found = [m.name for m in pkgutil.walk_packages(agent_cli.__path__, "agent_cli.")]
for name in found:
    if name != "agent_cli.__main__":
        importlib.import_module(name)
print(agent_cli.__file__, len(found))
"""

OPEN_A_PAGE = """
import asyncio
from datetime import UTC, datetime
from types import SimpleNamespace
from agent_cli.web.asking import Standing
from agent_cli.web.console import application
from agent_cli.web.showing import address_of

console = SimpleNamespace(
    standing=lambda: Standing("shop", "1", "eu-central-1", "ada"),
    keys=SimpleNamespace(form="value"), clock=lambda: datetime.now(UTC), told={},
)

async def get(path):
    said = []
    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}
    async def send(message):
        said.append(message)
    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": [],
             "root_path": "", "scheme": "http", "server": ("desk", 80), "http_version": "1.1"}
    await application(console)(scope, receive, send)
    return said[0]["status"], b"".join(each.get("body", b"") for each in said[1:]).decode()

status, text = asyncio.run(get("/nowhere"))
print(status, address_of("console.css") in text)
"""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [UV, "build", "--quiet", "--wheel", "--out-dir", folder, ROOT]
    subprocess.run(command, check=True)
    (built,) = folder.glob("*.whl")
    return built


def test_it_holds_the_terminal_and_the_package_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    packages = {name.split("/")[0] for name in names}

    assert packages == {"helpdesk", "agent_cli", "helpdesk-0.1.0.dist-info"}
    sources = {
        path.relative_to(root).as_posix()
        for root, folder in ((ROOT, "agent_cli"), (ROOT / "layers/core/python", "helpdesk"))
        for path in (root / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert sources == {name for name in names if ".dist-info/" not in name}


def test_its_metadata_are_the_projects(wheel: Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    with zipfile.ZipFile(wheel) as file:
        folder = f"helpdesk-{project['version']}.dist-info"
        metadata = Parser().parsestr(file.read(f"{folder}/METADATA").decode())
        entries = file.read(f"{folder}/entry_points.txt").decode()

    assert metadata["Requires-Python"] == project["requires-python"]
    wanted = metadata.get_all("Requires-Dist") or []
    assert sorted(each for each in wanted if "extra ==" not in each) == sorted(
        project["dependencies"]
    )
    assert sorted(metadata.get_all("Provides-Extra") or []) == sorted(
        project["optional-dependencies"]
    )
    assert "helpdesk = agent_cli.cli:run" in entries


def test_one_line_installs_it_in_an_empty_home(wheel: Path, tmp_path: Path) -> None:
    """Every module loads with the declared dependencies alone, and the command answers."""
    kept = {name: os.environ[name] for name in os.environ if name.startswith(("UV_", "SSL_"))}
    for name in ("UV_PROJECT_ENVIRONMENT", "UV_TOOL_DIR", "UV_TOOL_BIN_DIR"):
        kept.pop(name, None)
    bin_ = tmp_path / ".local/bin"
    environment = kept | {"HOME": str(tmp_path), "PATH": f"{bin_}:/usr/bin:/bin"}
    python = ROOT / ".venv/bin/python"

    def run(*command: str | Path) -> str:
        done = subprocess.run(
            command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=True
        )
        return done.stdout

    run(UV, "tool", "install", "--quiet", "--compile-bytecode", "--python", python, wheel)

    assert run(bin_ / "helpdesk", "--version") == "helpdesk, version 0.1.0\n"
    own = tmp_path / ".local/share/uv/tools/helpdesk/bin/python"
    where, count = run(own, "-c", IMPORT_ALL).split()
    assert where.startswith(str(tmp_path))
    assert int(count) > 30
    assert run(own, "-c", OPEN_A_PAGE).splitlines() == ["404 True"]
    compiled = {path.name.split(".")[0] for path in tmp_path.rglob("*.pyc")}
    assert {"session", "parts", "endpoint"} <= compiled  # the terminal's, the package's, botocore's
