"""Packages are pinned by their hashes, and a source of advisories that tells nothing is none."""

import io
import json
import os
import re
import shutil
import subprocess
import tomllib
import urllib.error
from pathlib import Path
from typing import Any

import pytest

from infra.checking import advisories, not_checked

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "lock", ["uv.lock", "infra/localstack/uv.lock", "infra/localstack/runtime/uv.lock"]
)
def test_every_package_is_pinned_by_its_hash(lock: str) -> None:
    packages = tomllib.loads((ROOT / lock).read_text())["package"]
    fetched = [each for each in packages if "registry" in each["source"]]

    assert len(fetched) == len(packages) - 1, "all but the project itself"
    for each in fetched:
        files = [*each.get("wheels", []), *([each["sdist"]] if "sdist" in each else [])]
        assert files, each["name"]
        assert all(file["hash"].startswith("sha256:") for file in files), each["name"]


def answering(answer: Any) -> Any:
    def urlopen(*_: object, **__: object) -> io.BytesIO:
        if isinstance(answer, Exception):
            raise answer
        return io.BytesIO(answer)

    return urlopen


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (urllib.error.URLError("no route"), "no route"),
        (urllib.error.HTTPError("u", 404, "no", None, None), "404"),  # type: ignore[arg-type]
        (b"<html>a mirror</html>", "Expecting value"),
        (json.dumps({"vulnerabilities": []}).encode(), "no vulnerability"),
    ],
)
def test_advisories_that_cannot_be_asked_are_recorded_as_not_checked(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    answer: Any,
    why: str,
) -> None:
    monkeypatch.setattr("urllib.request.urlopen", answering(answer))
    monkeypatch.setattr(not_checked, "RECORD", tmp_path / "not-checked.txt")

    assert [advisories.main([]), advisories.main(["--strict"])] == [0, 1]
    said = capsys.readouterr().err
    assert said.count("NOT CHECKED") == 2
    assert why in said
    assert [why in line for line in (tmp_path / "not-checked.txt").read_text().splitlines()] == [
        True,
        True,
    ]


@pytest.mark.parametrize("failing", ["", "types"])
def test_ci_ends_with_what_was_not_checked(tmp_path: Path, failing: str) -> None:
    """However it ends, and without what an earlier run left out."""
    for folder in (".ci", "build", "bin"):
        (tmp_path / folder).mkdir()
    shutil.copy(ROOT / ".ci" / "run", tmp_path / ".ci" / "run")
    (tmp_path / "build" / "not-checked.txt").write_text("of an earlier run\n")
    make = tmp_path / "bin" / "make"
    make.write_text(
        "#!/bin/sh\n"
        f'[ "$1" = "{failing}" ] && exit 2\n'
        'case "$*" in *advisories*) echo "advisories: no route" >> build/not-checked.txt;; esac\n'
    )
    make.chmod(0o755)

    done = subprocess.run(
        [tmp_path / ".ci" / "run"],
        env={"PATH": f"{make.parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == (2 if failing else 0)
    _, _, summary = done.stdout.partition("NOT CHECKED in this run")
    assert "chaos" in summary
    assert ("no route" in summary) is not bool(failing)
    assert "earlier" not in summary


def test_where_they_can_be_asked_pip_audit_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    told = json.dumps({"vulnerabilities": [{"id": "PYSEC-2018-28"}]}).encode()
    monkeypatch.setattr("urllib.request.urlopen", answering(told))
    commands: list[list[str]] = []

    class Finished:
        returncode = 1

    def run(command: list[Any], **_: object) -> Finished:
        commands.append([str(word) for word in command])
        return Finished()

    monkeypatch.setattr("subprocess.run", run)

    assert advisories.main([]) == 1
    assert [command[1] for command in commands] == ["export", "tool"]
    assert "--strict" in commands[1], "what could not be looked up must not count as clean"


def test_the_second_judge_is_pinned_by_its_hashes_and_to_no_mirror() -> None:
    folder = ROOT / "infra" / "checking" / "iam"
    wanted = json.loads((folder / "package.json").read_text())["dependencies"]
    packages = json.loads((folder / "package-lock.json").read_text())["packages"]
    root = packages.pop("")

    assert root["dependencies"] == wanted
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())
    assert all(f"node_modules/{name}" in packages for name in wanted)
    for name, package in packages.items():
        assert package["integrity"].startswith("sha512-"), name
        assert "resolved" not in package, "the registry is the choice of those who install"


def test_without_node_the_policies_are_said_to_be_not_checked(tmp_path: Path) -> None:
    """Also where it is said at the end of .ci/run."""
    script = tmp_path / "infra" / "checking" / "iam" / "judged.sh"
    script.parent.mkdir(parents=True)
    script.write_text((ROOT / "infra" / "checking" / "iam" / "judged.sh").read_text())
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("sh", "dirname", "mkdir"):
        (tools / name).symlink_to(str(shutil.which(name)))

    ended = subprocess.run(
        [str(tools / "sh"), str(script)],
        env={"PATH": str(tools)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert "NOT CHECKED" in ended.stderr
    assert "NOT CHECKED" in (tmp_path / "build" / "not-checked.txt").read_text()
