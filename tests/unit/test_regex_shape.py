"""The check of patterns finds what makes a pattern hang."""

import re

import pytest

from tests.regex_shape import faults


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+",
        r"(\w{1,9}){1,9}",
        "a*b",
        "(?:a|b*)c",
        "(?=a*)b",
        "(?:a?){20}a{20}",
        "(?:(?:ab?)){3}c",
    ],
)
def test_what_may_go_back_without_bound_is_found(pattern: str) -> None:
    assert faults(re.compile(pattern))


@pytest.mark.parametrize(
    "pattern", ["a{0,9}b", r"[\w-]{40,}+", "(?:a{2}){1,3}", "(?>a{1,3}b){1,3}"]
)
def test_what_is_bounded_or_never_goes_back_is_not(pattern: str) -> None:
    assert not faults(re.compile(pattern))
