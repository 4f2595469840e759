"""`helpdesk evaluate`: exit codes, what is printed, a page that is safe, with a scripted desk."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner, Result
from helpdesk.evaluation import Case, Labels, Played
from helpdesk.steps import Vocabulary

from agent_cli.cli import main
from agent_cli.evaluation import playing
from tests.evaluated import LABELS, RIGHT, Alike, ScriptedPlayer
from tests.unit.test_evaluation import a_line, worse_from

HOSTILE = "<script>alert('x')</script>&\"<b>"


@dataclass
class Said:
    """A knowledge of which only the labels count."""

    def labels(self, vocabulary: Vocabulary) -> Labels:
        return replace(LABELS, steps=vocabulary.actions)


@dataclass
class Bench:
    """The command over a file of cases; `plays` is what the desk makes of each."""

    folder: Path
    plays: Callable[[Case], Played] = lambda _: RIGHT
    made: int = 0

    @property
    def cases(self) -> Path:
        return self.folder / "cases.jsonl"

    def desk_of(self, *_: Any, **__: Any) -> ScriptedPlayer:
        self.made += 1
        return ScriptedPlayer(self.plays)

    def run(self, *words: str) -> Result:
        shop = ("evaluate", str(self.cases), "--local", str(self.folder))
        return CliRunner().invoke(main, [*shop, *words])

    def report(self, name: str = "report.json") -> Path:
        path = self.folder / name
        path.write_text(self.run("-o", "json").stdout)
        return path


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    made = Bench(tmp_path)
    lines = [json.dumps({**json.loads(a_line()), "id": f"c{n}"}) for n in range(100)]
    made.cases.write_text("\n".join(lines))
    monkeypatch.setattr(playing, "knowledge_of", lambda _: Said())
    monkeypatch.setattr(playing, "closeness", Alike)
    monkeypatch.setattr(playing, "desk_of", made.desk_of)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return made


def test_figures_are_data_and_progress_is_not(bench: Bench) -> None:
    done = bench.run("-o", "json")

    figure = json.loads(done.stdout)["report"]["figures"]["intent"]
    assert (figure["numerator"], figure["denominator"], figure["value"]) == (100, 100, 1)
    assert "100 of 100 cases played" in done.stderr
    assert done.exit_code == 0


def test_a_table_shows_each_figure_with_its_interval(bench: Bench) -> None:
    done = bench.run()

    lines = [each.split() for each in done.stdout.splitlines()]
    shown = "intent 1.000 0.963 to 1.000 100 of 100".split()
    assert [each for each in lines if each[: len(shown)] == shown]


def test_a_label_that_no_desk_can_produce_stops_it_before_anything_is_measured(
    bench: Bench,
) -> None:
    bench.cases.write_text(f"{a_line()}\n{a_line(steps=['SING'])}")

    done = bench.run("-o", "json")

    assert (done.exit_code, done.stdout, bench.made) == (2, "", 0)
    assert "line 2: no step 'SING'" in done.stderr


def test_below_a_minimum_it_fails(bench: Bench) -> None:
    bench.plays = worse_from(60)

    assert bench.run("--minimum", "intent=0.6").exit_code == 0
    done = bench.run("--minimum", "intent=0.61")
    assert done.exit_code == 1
    assert "intent is outside its bound" in done.stderr


def test_above_a_maximum_it_fails(bench: Bench) -> None:
    bench.plays = lambda _: replace(RIGHT, degraded=True)

    assert bench.run("--maximum", "degraded=1").exit_code == 0
    assert bench.run("--maximum", "degraded=0.5").exit_code == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--minimum", "beauty=1"], "no figure is called 'beauty'"),
        (["--minimum", "degraded=1"], "degraded is bounded by --maximum"),
        (["--minimum", "intent"], "write it as in intent=0.8"),
    ],
)
def test_a_bound_that_means_nothing_is_wrong_usage(
    bench: Bench, words: list[str], told: str
) -> None:
    done = bench.run(*words)

    assert done.exit_code == 2
    assert told in done.stderr


def test_a_regression_fails_and_names_the_cases(bench: Bench) -> None:
    earlier = bench.report()
    bench.plays = worse_from(85)

    done = bench.run("--against", str(earlier))

    assert done.exit_code == 1
    assert "intent regressed from 1.000 to 0.850" in done.stderr
    assert "broken c85 c86" in done.stderr


def test_two_cases_that_broke_are_no_regression(bench: Bench) -> None:
    earlier = bench.report()
    bench.plays = worse_from(98)

    assert bench.run("--against", str(earlier)).exit_code == 0


def test_what_is_no_report_cannot_be_compared_with(bench: Bench) -> None:
    other = bench.folder / "other.json"
    other.write_text("{}")

    done = bench.run("--against", str(other))

    assert done.exit_code == 2
    assert "no report of an evaluation" in done.stderr


def test_a_report_of_another_file_is_compared_by_the_cases_of_both(bench: Bench) -> None:
    earlier = bench.report()
    bench.cases.write_text(a_line())

    done = bench.run("--against", str(earlier))

    assert done.exit_code == 0
    assert "of another file" in done.stderr


def test_a_desk_that_cannot_be_made_is_told(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise playing.CannotPlayError("no encoder in it")

    monkeypatch.setattr(playing, "desk_of", broken)

    done = bench.run()

    assert (done.exit_code, "no encoder in it" in done.stderr) == (2, True)


def test_without_the_language_layer_it_says_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "helpdesk.likening", None)
    gone = ModuleNotFoundError("No module named 'nltk'", name="nltk")

    assert "the extra `evaluate`" in str(playing._missing(gone))
    with pytest.raises(ModuleNotFoundError):
        raise playing._missing(ModuleNotFoundError("No module named 'x'", name="x"))


def test_junit_is_xml_that_fails_where_the_command_does(bench: Bench) -> None:
    earlier = bench.report()
    bench.plays = lambda case: Played(error="KeyError") if case.id == "c1" else worse_from(60)(case)

    done = bench.run("-o", "junit", "--minimum", "intent=0.9", "--against", str(earlier))

    (suite,) = ET.fromstring(done.stdout)  # noqa: S314 -- it is our own
    assert done.exit_code == 1
    failed = {
        (each.get("classname"), each.get("name"))
        for each in suite
        if each.find("failure") is not None
    }
    assert {("figures", "intent"), ("comparison", "intent")} <= failed
    assert (suite.get("errors"), suite.get("failures")) == ("1", str(len(failed)))


class Seen(HTMLParser):
    """What a browser finds in a page: tags, and what they refer to."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.images: list[dict[str, str | None]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [str(value) for name, value in attrs if name in {"src", "href"}]
        if tag == "svg":
            self.images.append(dict(attrs))

    def handle_data(self, data: str) -> None:
        self.text += data


def page_of(bench: Bench, *words: str) -> tuple[Seen, str]:
    path = bench.folder / "report.html"
    bench.run("--html", str(path), *words)
    seen = Seen()
    seen.feed(path.read_text("utf-8"))
    return seen, path.read_text("utf-8")


def test_a_page_needs_nothing_from_elsewhere(bench: Bench) -> None:
    seen, page = page_of(bench)

    assert not seen.links
    assert "script" not in seen.tags
    assert "url(" not in page
    assert "http" not in page


def test_each_picture_has_its_text(bench: Bench) -> None:
    bench.plays = worse_from(60)

    seen, page = page_of(bench)

    assert len(seen.images) == 3
    for image in seen.images:
        assert image["role"] == "img"
        for name in str(image["aria-labelledby"]).split():
            assert f'id="{name}"' in page
    assert "intent 0.600 (0.502 to 0.691)" in seen.text


def test_a_page_escapes_what_it_shows(bench: Bench) -> None:
    line = {**json.loads(a_line()), "id": HOSTILE}
    bench.cases.write_text(json.dumps(line))
    bench.plays = lambda _: replace(RIGHT, intent=HOSTILE, decision="handed_over", reason=HOSTILE)

    seen, _ = page_of(bench)

    assert "script" not in seen.tags
    assert "b" not in seen.tags
    assert seen.text.count(HOSTILE) >= 3
