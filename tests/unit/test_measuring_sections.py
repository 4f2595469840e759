"""A section of the report is replaced by itself; a new one has its place."""

import pytest

from infra.measuring.sections import replaced, section

REPORT = "# Measurements\n\n## One\n\nfirst\n\n## Two\n\nsecond \\1\n"


def test_a_section_is_replaced_and_the_others_stay() -> None:
    fresh = replaced(REPORT, "One", section("One", ["other \\1"]), after="Two")

    assert fresh == REPORT.replace("first", "other \\1")
    assert replaced(fresh, "One", section("One", ["first"]), after="Two") == REPORT


@pytest.mark.parametrize(("after", "order"), [("One", "One New Two"), ("Two", "One Two New")])
def test_a_new_section_comes_after_the_one_that_is_named(after: str, order: str) -> None:
    fresh = replaced(REPORT, "New", section("New", ["new"], ["said"]), after=after)

    titles = [line[3:] for line in fresh.splitlines() if line.startswith("## ")]
    assert titles == order.split()
    assert "\n\n## New\n\nsaid\n\nnew\n" in fresh


def test_a_section_without_a_place_is_an_error() -> None:
    with pytest.raises(ValueError, match="neither"):
        replaced(REPORT, "New", section("New", []), after="Three")
