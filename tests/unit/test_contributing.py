"""What contributors are told is there, and GitHub runs what they run."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    *sorted(ROOT.glob("docs/**/*.md")),
    *sorted(ROOT.glob(".github/**/*.md")),
    *sorted(ROOT.glob("*/README.md")),
]
FORMS = sorted(ROOT.glob(".github/ISSUE_TEMPLATE/*.yml"))
LINK = re.compile(r"\]\(([^)\s]+)\)")
FILE = re.compile(r"`((?:docs|infra|tests|functions|layers|agent_cli|\.ci|\.github)/[\w./-]*)`")


def dead(page: Path, text: str) -> Iterator[str]:
    """Yield the links and the named files of a page's text that lead nowhere."""
    for target in LINK.findall(text):
        path = target.partition("#")[0]
        if path and "://" not in target and not (page.parent / path).exists():
            yield target
    for named in FILE.findall(text):
        if not (ROOT / named).exists():
            yield named


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_and_named_file_exists(page: Path) -> None:
    assert not list(dead(page, page.read_text()))


def test_the_search_finds_dead_links() -> None:
    links = "[a](docs/cli.md) [b](docs/gone.md#x) [c](https://example.com)"
    text = f"{links} `infra/paths.py` `infra/x.py`"

    assert list(dead(ROOT / "README.md", text)) == ["docs/gone.md#x", "infra/x.py"]


@pytest.fixture(scope="module")
def workflow() -> dict[str, Any]:
    # YAML 1.1 takes the key `on` for a boolean.
    text = (ROOT / ".github" / "workflows" / "ci.yml").read_text()
    loaded: dict[str, Any] = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 -- texts only
    return loaded


def test_github_runs_what_the_readme_says(workflow: dict[str, Any]) -> None:
    (job,) = workflow["jobs"].values()
    commands = [step["run"] for step in job["steps"] if "run" in step]

    assert commands == ["bash .ci/run"]
    assert "`.ci/run`" in (ROOT / "README.md").read_text()
    assert set(workflow["on"]) == {"push", "pull_request"}


def test_github_runs_it_with_the_projects_python(workflow: dict[str, Any]) -> None:
    (job,) = workflow["jobs"].values()
    (version,) = (
        step["with"]["python-version"]
        for step in job["steps"]
        if step.get("uses", "").startswith("actions/setup-python@")
    )

    assert f'requires-python = "=={version}.*"' in (ROOT / "pyproject.toml").read_text()


def test_the_workflow_may_read_only_and_ends(workflow: dict[str, Any]) -> None:
    (job,) = workflow["jobs"].values()
    used = [step["uses"] for step in job["steps"] if "uses" in step]

    assert workflow["permissions"] == {"contents": "read"}
    assert "permissions" not in job
    assert int(job["timeout-minutes"]) <= 60
    assert workflow["concurrency"]["cancel-in-progress"] == "true"
    assert all(re.fullmatch(r"actions/[\w-]+@v\d+\.\d+\.\d+", action) for action in used)
    assert "pull_request_target" not in workflow["on"], "strangers' code with our rights"


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_issue_forms_are_forms(form: Path) -> None:
    loaded = yaml.safe_load(form.read_text())
    if form.name == "config.yml":
        assert loaded == {"blank_issues_enabled": False}
        return
    assert {"name", "description", "body"} <= loaded.keys()
    asked = [field["id"] for field in loaded["body"] if field["type"] != "markdown"]
    assert len(asked) == len(set(asked)) > 1


def test_the_changelog_knows_this_version() -> None:
    project = (ROOT / "pyproject.toml").read_text()
    (version,) = re.findall(r'^version = "(.+)"$', project, re.MULTILINE)
    released = re.findall(
        r"^## \[(.+?)\]", (ROOT / "docs" / "changelog.md").read_text(), re.MULTILINE
    )

    assert released[:2] == ["Unreleased", version]
