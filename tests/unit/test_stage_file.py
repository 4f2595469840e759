"""The file of stages: SAM's forms are read, and what is not understood is refused by name."""

from pathlib import Path

import pytest

from infra.deploying.operations import DeployError
from infra.deploying.stage_file import Stage, pairs, read

PROD = """
version = 0.1

[default.deploy.parameters]
region = "us-east-1"

[prod.deploy.parameters]
stack_name = "helpdesk-prod"
region = "eu-central-1"
profile = "desk"
parameter_overrides = {overrides}
"""


def written(folder: Path, overrides: str) -> Path:
    path = folder / "samconfig.toml"
    path.write_text(PROD.replace("{overrides}", overrides))
    return path


@pytest.mark.parametrize(
    "overrides",
    [
        '["LogDays=7", "BusinessHours=Europe/Berlin; mon-fri 09:00-17:30"]',
        "'LogDays=7 \"BusinessHours=Europe/Berlin; mon-fri 09:00-17:30\"'",
        "'LogDays=7 BusinessHours=\"Europe/Berlin; mon-fri 09:00-17:30\"'",
    ],
)
def test_both_forms_of_sam_are_read(tmp_path: Path, overrides: str) -> None:
    assert read("prod", written(tmp_path, overrides)) == Stage(
        stack_name="helpdesk-prod",
        region="eu-central-1",
        profile="desk",
        parameters={"LogDays": "7", "BusinessHours": "Europe/Berlin; mon-fri 09:00-17:30"},
    )


def test_without_a_name_it_is_the_default(tmp_path: Path) -> None:
    assert read(None, written(tmp_path, "[]")) == Stage(region="us-east-1")


def test_no_file_and_no_name_say_nothing(tmp_path: Path) -> None:
    assert read(None, tmp_path / "samconfig.toml") == Stage()


def test_a_stage_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(DeployError, match="no stage 'live'; it has: default, prod"):
        read("live", written(tmp_path, "[]"))
    with pytest.raises(DeployError, match="it has: none"):
        read("live", tmp_path / "elsewhere.toml")


def test_what_is_not_understood_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, '[]\nconfirm_changeset = true\nregoin = "x"')
    with pytest.raises(DeployError, match="'prod': confirm_changeset, regoin is not understood"):
        read("prod", path)
    path.write_text("[prod")
    with pytest.raises(DeployError, match=r"samconfig[.]toml is not TOML"):
        read("prod", path)


def test_a_value_may_hold_an_equals_sign_and_may_be_empty() -> None:
    assert pairs(["RecordsFields=orders=data", "AlarmTopic="]) == {
        "RecordsFields": "orders=data",
        "AlarmTopic": "",
    }


@pytest.mark.parametrize("text", ["LogDays", "=7", ""])
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(DeployError, match="is not Name=value"):
        pairs([text])
