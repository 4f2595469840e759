"""Whether the desk tells cases apart: plays pairs of messages, and chooses the thresholds.

    python -m infra.evaluating.cases [--pairs tests/golden/cases.jsonl] [--choose] [--missed]

A line is `{"one": {"text", "customer", "day"}, "other": {…}, "same": …, "kind": …}`: `one` comes
first. A day is a number or a date. The thresholds are chosen with `--choose`, on the pairs for
development alone; another file only judges them.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

from helpdesk.cases import Case, Rules, Verdict, case_of, decide, said_in
from helpdesk.recognising import level_of
from helpdesk.speaking import speaking
from helpdesk.ticket import Customer
from helpdesk.understanding import Understander, fit, load_encoder
from helpdesk.understanding.teaching import strangers
from helpdesk.wording import without_courtesy

from infra.paths import ROOT
from infra.teaching import encoders, knowledge_files
from infra.teaching.teacher import STRANGERS_SHARE, TARGET_PRECISION

DEVELOPMENT = ROOT / "tests/golden/cases_dev.jsonl"
JUDGES = (ROOT / "tests/golden/cases.jsonl", ROOT / "tests/golden/cases_second.jsonl")
"""The pairs of other hands, which only judge."""

_FIRST_DAY = date(2026, 1, 5)
_STEPS = {
    "alike": (1.02, 1.06, 1.1, 1.14, 1.18, 1.22, 1.26),
    "meant": (0.4, 0.5),
}
_PRICE = 10
"""How many pairs that are found weigh as much as one that is merged wrongly."""

_MARGIN = 0.02
"""How far a wrong pair must stay from each threshold: other texts come nearer than these."""


@dataclass(frozen=True, slots=True)
class Side:
    """One message of a pair: its text, who wrote it, and when it came."""

    text: str
    customer: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Pair:
    """Two messages, and whether they are one case."""

    one: Side
    other: Side
    same: bool
    kind: str


@dataclass(frozen=True, slots=True)
class Played:
    """A pair with what is kept of both messages, None for those of different customers.

    `graver` tells whether the later message has a higher level of severity.
    """

    pair: Pair
    cases: tuple[Case, Case] | None
    graver: bool = False

    def verdict(self, rules: Rules) -> Verdict | None:
        """Return what the desk decides on the later message."""
        return decide(self.cases[:1], self.cases[1], rules) if self.cases else None

    def found(self, rules: Rules) -> bool:
        """Tell whether the desk takes both for one case."""
        verdict = self.verdict(rules)
        return verdict is not None and verdict.root is not None and not self.graver


@dataclass(frozen=True, slots=True)
class Score:
    """How many pairs of a kind were one case, were taken for one, and both."""

    pairs: int
    same: int
    merged: int
    right: int

    @property
    def precision(self) -> float:
        """The share of what was taken for one case that is one; 1 if nothing was."""
        return self.right / self.merged if self.merged else 1.0

    @property
    def recall(self) -> float:
        """The share of what is one case that was taken for one; 1 if nothing is."""
        return self.right / self.same if self.same else 1.0


def read_pairs(path: Path) -> list[Pair]:
    """Return the pairs of a JSON Lines file. Raises ValueError naming a bad line."""
    pairs = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        try:
            said = json.loads(line)
            one, other = _side(said["one"]), _side(said["other"])
            pairs.append(Pair(one, other, bool(said["same"]), str(said["kind"])))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"{path.name}, line {number}: {error!r}") from error
    return pairs


def _side(said: dict[str, Any]) -> Side:
    day = said.get("day", 0)
    at = date.fromisoformat(day) if isinstance(day, str) else _FIRST_DAY + timedelta(days=day)
    return Side(said["text"], said["customer"], datetime(at.year, at.month, at.day, 12, tzinfo=UTC))


def play(pairs: Iterable[Pair], understander: Understander) -> list[Played]:
    """Return the pairs with what the worker would keep of each message."""
    found = []
    for pair in pairs:
        (one, first), (other, second) = (
            _case(side, name, understander)
            for side, name in ((pair.one, "one"), (pair.other, "other"))
        )
        keys = {Customer.named(each.customer).key for each in (pair.one, pair.other)}
        found.append(Played(pair, (one, other) if len(keys) == 1 else None, second > first))
    return found


def _case(side: Side, name: str, understander: Understander) -> tuple[Case, int]:
    """Return what is kept of a message, and its level of severity."""
    understood = understander.understand(without_courtesy(speaking(side.text).text))
    said = said_in(side.text)
    meant = understander.understand(said)
    case = case_of(
        side.text,
        ticket_id=name,
        at=side.at,
        entities=understood.entities,
        goods=understood.goods,
        meaning=meant.meaning,
        said=said,
    )
    return case, level_of(said, meant)


def score(played: Sequence[Played], rules: Rules) -> Score:
    """Return how right the desk is on some pairs."""
    found = [(each.pair.same, each.found(rules)) for each in played]
    return Score(
        pairs=len(found),
        same=sum(same for same, _ in found),
        merged=sum(merged for _, merged in found),
        right=sum(same and merged for same, merged in found),
    )


def chosen(played: Sequence[Played]) -> Rules:
    """Return the rules that find the most, where a wrong pair costs ten that are found.

    A pair is wrong that would be taken for one case if all thresholds were a margin lower. Of rules
    that do equally well, the strictest are the safest on other texts.
    """

    def worth(rules: Rules) -> tuple[int, float]:
        loose = score(played, _moved(rules, -_MARGIN))
        return (
            score(played, rules).right - _PRICE * (loose.merged - loose.right),
            sum(getattr(rules, name) for name in _STEPS),
        )

    return max(_candidates(), key=worth)


def _moved(rules: Rules, by: float) -> Rules:
    moved: dict[str, Any] = {name: getattr(rules, name) + by for name in _STEPS}
    return replace(rules, **moved)


def _candidates() -> Iterator[Rules]:
    for values in product(*_STEPS.values()):
        steps: dict[str, Any] = dict(zip(_STEPS, values, strict=True))
        yield replace(Rules(), **steps)


def report(played: Sequence[Played], rules: Rules) -> str:
    """Return a table by kind, and the whole in its last line."""
    kinds = sorted({each.pair.kind for each in played})
    rows = [(kind, [each for each in played if each.pair.kind == kind]) for kind in kinds]
    lines = [f"{'kind':28} pairs   same merged  right  precision  recall"]
    for name, some in [*rows, ("all", list(played))]:
        found = score(some, rules)
        lines.append(
            f"{name:28} {found.pairs:5} {found.same:6} {found.merged:6} {found.right:6}"
            f"  {found.precision:9.3f}  {found.recall:6.3f}"
        )
    return "\n".join(lines)


def cost(played: Sequence[Played], rules: Rules) -> float:
    """Return the milliseconds of a decision among as many recent cases as are kept."""
    cases = [each.cases[0] for each in played if each.cases]
    recent = [replace(each, at=cases[0].at) for each in cases[:20]]
    new = [replace(each, ticket_id="new", at=cases[0].at) for each in cases]
    started = time.perf_counter()
    for each in new:
        decide(recent, each, rules)
    return (time.perf_counter() - started) * 1000 / len(new)


def understander_of(*, light: bool = False) -> Understander:
    """Return the understander that the starter knowledge gives."""
    encoder = load_encoder(encoders.folder(light=light))
    model = fit(
        {article.intent: article.utterances for article in knowledge_files.read()},
        encoder=encoder,
        target_precision=TARGET_PRECISION,
        strangers=strangers(),
        strangers_share=STRANGERS_SHARE,
    )
    return Understander(model, encoder)


def main(arguments: Sequence[str] | None = None) -> int:
    """Play a file from the command line; return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pairs", type=Path, default=DEVELOPMENT)
    parser.add_argument("--choose", action="store_true", help="choose on the development pairs")
    parser.add_argument("--light", action="store_true", help="with the light encoder")
    parser.add_argument("--missed", action="store_true", help="show the pairs that went wrong")
    options = parser.parse_args(arguments)
    try:
        pairs = read_pairs(DEVELOPMENT if options.choose else options.pairs)
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    played = play(pairs, understander_of(light=options.light))
    rules = chosen(played) if options.choose else Rules()
    print(report(played, rules))
    print(f"\n{rules}\n{cost(played, rules):.2f} ms a decision")
    for each in played if options.missed else ():
        if each.found(rules) != each.pair.same:
            verdict = each.verdict(rules)
            print(f"\n{each.pair.kind}, same={each.pair.same}: {verdict}")
            print(f"  {each.pair.one.text!r}\n  {each.pair.other.text!r}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
