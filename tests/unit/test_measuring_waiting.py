"""The measurement of waiting pages looks as the customer's page does."""

from infra.measuring.waiting_pages import FIRST, GROWTH, LONGEST, looks_within
from infra.paths import ROOT

PAGE = ROOT / "functions/pages/page/page.js"


def test_the_pauses_are_those_of_the_page() -> None:
    script = PAGE.read_text()

    assert f"FIRST = {FIRST * 1000:.0f}, LONGEST = {LONGEST * 1000:.0f}" in script
    assert f"Math.min(pause * {GROWTH}, LONGEST)" in script


def test_a_page_looks_seldom_after_a_while() -> None:
    assert looks_within(5) == 1
    assert looks_within(12.5) == 2
    assert looks_within(3600) == 122
