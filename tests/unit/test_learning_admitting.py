"""The least cosine of evidence: a hundredth that admits few strangers, with what it admits."""

from helpdesk.learning import Least, least
from helpdesk.learning.admitting import DEFAULT, FEWEST


def spread(count: int) -> list[float]:
    """Return cosines from 0 up to below 1, evenly."""
    return [number / count for number in range(count)]


def test_a_tenth_of_the_strangers_at_most_is_admitted() -> None:
    assert least(spread(100), [0.95, 0.2, 0.9]) == Least(
        value=0.9, admitted=10, strangers=100, answered=2, asked=3
    )


def test_the_smallest_hundredth_that_does_is_taken() -> None:
    strangers = [0.1] * 90 + [0.6149] * 5 + [0.6251] * 6

    assert least(strangers, []).value == 0.62, "of 101, eleven reach 0.61 and six 0.62"
    assert least(strangers[:-6] + [0.6151] * 6, []).value == 0.62


def test_it_is_never_below_the_default() -> None:
    found = least([0.1] * FEWEST, [0.46, 0.44])

    assert found == Least(value=DEFAULT, admitted=0, strangers=FEWEST, answered=1, asked=2)


def test_of_too_few_strangers_none_is_chosen_by() -> None:
    few = [0.99] * (FEWEST - 1)

    assert least(few, [0.5]) == Least(
        value=DEFAULT, admitted=FEWEST - 1, strangers=FEWEST - 1, answered=1, asked=1
    )
    assert least([*few, 0.99], [0.5]).value > 0.99


def test_strangers_that_are_all_as_near_as_can_be_close_it_altogether() -> None:
    assert least([1.0] * FEWEST, [1.0]) == Least(
        value=1.01, admitted=0, strangers=FEWEST, answered=0, asked=1
    )


def test_a_cosine_that_is_the_least_one_is_admitted() -> None:
    assert least([], [DEFAULT, DEFAULT - 0.001]).answered == 1
