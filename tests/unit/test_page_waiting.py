"""When the customers' page looks again: its own script, with a desk and a clock of the test."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).parents[2] / "functions/pages/page/page.js"
NODE = shutil.which("node")
SCENE = """
const said = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const SOON = 1000, FIRST = 5000, LONGEST = 30000, HOLDS = 3;
let talk = {}, ticket, seen, looking, timer, open = true, pause = FIRST, holds = HOLDS;
const document = { hidden: false }, words = {};
const on = path => path, say = () => {}, state = () => {}, forget = () => {};
const offline = text => text;
const draw = got => {
  if (!ticket || ticket.status !== got.content.status) pause = FIRST;
  ticket = got.content;
};
const made = [], pauses = [], clearTimeout = () => {};
const setTimeout = (_, after) => { pauses.push(after); };
const call = async path => {
  const answer = said[Math.min(made.length, said.length - 1)];
  made.push(path);
  if (answer.status === 429) throw answer;
  return { content: { status: answer.status }, wait: answer.wait };
};
"""
RUN = """
(async () => {
  for (let n = 0; n < 12; n += 1) await look();
  console.log(JSON.stringify({ made, pauses }));
})();
"""


def looks(*answers: dict[str, Any]) -> tuple[list[str], list[int]]:
    """Return what a page asks for, and how long it pauses, with these answers; the last stays."""
    script = SCRIPT.read_text("utf-8")
    begin, end = script.index("async function look("), script.index("// A page that is hidden")
    ran = subprocess.run(
        [NODE or "node", "-e", SCENE + script[begin:end] + RUN],
        input=json.dumps(answers),
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(ran.stdout)
    return found["made"], found["pauses"]


pytestmark = pytest.mark.skipif(NODE is None, reason="it takes Node to run the page's script")
GROWING = [5000, 7500, 11250, 16875, 25312.5, 30000]


def test_holds_that_last_follow_each_other_three_times() -> None:
    made, pauses = looks({"status": "received", "wait": 1000})

    assert made[:4] == ["?wait=20", "?wait=20", "?wait=20", ""]
    assert pauses[:4] == [0, 0, 5000, 7500]


def test_a_hold_that_was_shortened_is_the_last_one() -> None:
    made, pauses = looks({"status": "received", "wait": 5000})

    assert made[:3] == ["?wait=20", "", ""]
    assert pauses[: len(GROWING)] == GROWING


def test_looks_that_are_refused_are_repeated_ever_more_seldom() -> None:
    _, pauses = looks({"status": 429, "wait": 1000})

    assert pauses[: len(GROWING)] == GROWING


def test_it_waits_as_long_as_a_refusal_says() -> None:
    _, pauses = looks({"status": 429, "wait": 3_600_000})

    assert set(pauses) == {3_600_000}


def test_while_an_agent_has_the_ticket_it_looks_each_second_unless_it_is_refused() -> None:
    _, pauses = looks(
        {"status": "escalated", "wait": 1000},
        {"status": "escalated", "wait": 1000},
        {"status": 429, "wait": 1000},
        {"status": 429, "wait": 1000},
        {"status": "escalated", "wait": 1000},
    )

    assert pauses[:5] == [1000, 1000, 5000, 7500, 1000]
