"""The page finds the same articles as the desk does: its script runs over the golden set."""

import json
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from helpdesk import helpcenter

from infra.evaluating.suggestions import labelled
from infra.teaching import knowledge_files

SCRIPT = Path(__file__).parents[2] / "functions/pages/page/nearest.js"
NODE = shutil.which("node")
RUN = (
    "const said = JSON.parse(require('fs').readFileSync(0, 'utf8'));"
    "console.log(JSON.stringify(said.texts.map(text => nearest(said.entries, text))));"
)
ODD = [
    "",
    "?!",
    "ITÉM",
    "\uff57here",
    "straße",
    "del",
    "deli",
    "delive",
    "\U0001d482bc",
    "a b",
    "مدة",
]


@pytest.mark.skipif(NODE is None, reason="it takes Node to run the page's script")
def test_the_page_finds_what_the_desk_finds() -> None:
    there = helpcenter.shown(
        knowledge_files.read(), knowledge_files.facts(), datetime(2026, 11, 28, tzinfo=UTC)
    )
    entries = helpcenter.index(there, "en")
    texts = [*ODD, *(each.text for each in labelled("messages.jsonl", there))]
    script = SCRIPT.read_text("utf-8")
    begin = script.index("function nearest(")
    function = script[begin : script.index("\n}\n", begin) + 3]

    ran = subprocess.run(
        [NODE or "node", "-e", function + RUN],
        input=json.dumps({"entries": json.loads(helpcenter.written(entries)), "texts": texts}),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    found = [[each[0] for each in row] for row in json.loads(ran.stdout)]
    assert found == [[each.slug for each in helpcenter.nearest(entries, text)] for text in texts]
