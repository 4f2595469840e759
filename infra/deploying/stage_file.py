"""What a stage of the desk is deployed with, kept in a file in the style of SAM's samconfig.toml.

    [prod.deploy.parameters]
    stack_name = "helpdesk"
    region = "eu-central-1"
    parameter_overrides = ["WorkerConcurrency=10", "AlarmTopic=arn:aws:sns:…"]

SAM's own forms of `parameter_overrides` are read: a list, or one text with spaces between. Secrets
do not belong into the file: give them once, and later deployments keep them.
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-config.html
"""

import shlex
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infra.deploying.operations import DeployError
from infra.paths import ROOT

FILE = ROOT / "samconfig.toml"
DEFAULT_STAGE = "default"
KNOWN = frozenset({"stack_name", "region", "profile", "parameter_overrides"})


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a stage is, and its parameters; None is what the file does not say."""

    stack_name: str | None = None
    region: str | None = None
    profile: str | None = None
    parameters: dict[str, str] = field(default_factory=dict)


def read(stage: str | None, path: Path = FILE) -> Stage:
    """Return a stage; without a name the stage `default`, if there is a file and it has that.

    Raises DeployError if the stage is not there, the file cannot be read, or it says what is not
    understood here.
    """
    found = _table(path)
    name = stage or DEFAULT_STAGE
    if name not in found:
        if stage is None:
            return Stage()
        has = ", ".join(sorted(found)) or "none"
        raise DeployError(f"{path.name} has no stage {stage!r}; it has: {has}")
    given = _parameters_of(found[name])
    if unknown := sorted(set(given) - KNOWN):
        raise DeployError(
            f"{path.name}, stage {name!r}: {', '.join(unknown)} is not understood; "
            f"a stage has {', '.join(sorted(KNOWN))}"
        )
    overrides = given.pop("parameter_overrides", [])
    texts = shlex.split(overrides) if isinstance(overrides, str) else overrides
    return Stage(**given, parameters=pairs(texts))


def pairs(texts: Iterable[str]) -> dict[str, str]:
    """Return `Name=value` texts by name. Raises DeployError if one is not of that form."""
    result = {}
    for text in texts:
        name, equals, value = str(text).partition("=")
        if not (name and equals):
            raise DeployError(f"{text!r} is not Name=value")
        result[name] = value
    return result


def _table(path: Path) -> dict[str, Any]:
    try:
        found = tomllib.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except tomllib.TOMLDecodeError as error:
        raise DeployError(f"{path.name} is not TOML: {error}") from error
    return {name: table for name, table in found.items() if isinstance(table, dict)}


def _parameters_of(stage: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = stage.get("deploy", {}).get("parameters", {})
    return dict(found)
