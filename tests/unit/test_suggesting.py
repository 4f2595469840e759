"""What writes the drafts for assisted persons, as the settings say."""

import os
import subprocess
import sys

from helpdesk.drafting import EXTRACTIVE

from tests.unit.test_settings import PREDICT

COMPOSING = """
import sys
from datetime import UTC, datetime
from helpdesk.assisting import Material
from helpdesk.composition import suggesting
from helpdesk.drafting import Part
from helpdesk.drafting.instructing import request_for
from helpdesk.settings import PredictSettings

compose = suggesting.compose(PredictSettings.from_env({environment}), lambda: datetime.now(UTC))
quoted = (Part(text="Within a week."),)
request = request_for([], ())
made = compose(Material(conversation="1", request=request, quoted=quoted, evidence=()))
print(made.engine, *sys.modules)
"""


def loaded(**engine: str) -> list[str]:
    code = COMPOSING.format(environment=PREDICT | engine)
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"AWS_DEFAULT_REGION": "eu-central-1"},
    )
    return run.stdout.split()


def test_without_an_engine_it_quotes_and_no_engine_is_imported() -> None:
    engine, *modules = loaded()

    assert engine == EXTRACTIVE
    assert not {each for each in modules if each.startswith("helpdesk.engines")}
    assert "helpdesk.composition.engine" not in modules


def test_with_an_engine_no_language_layer_is_imported_for_it() -> None:
    modules = set(
        loaded(
            ENGINE="bedrock",
            ENGINE_MODEL="some-model",
            ENGINE_DOLLARS_A_DAY="1",
            ENGINE_TOKENS_A_TICKET="1",
            ENGINE_READ_PRICE="0",
            ENGINE_WRITTEN_PRICE="0",
        )
    )

    assert "helpdesk.engines.bedrock" in modules
    assert not {"helpdesk.understanding", "numpy", "spacy"} & modules
