"""Confidence held against what is right, and what would be covered from a confidence on."""

from helpdesk.reliability import Bin, Coverage, binned, coverage


def test_each_range_has_the_mean_of_its_confidences_and_the_share_that_is_right() -> None:
    found = binned([(0.61, True), (0.69, False), (0.1, False), (1.0, True)], 10)

    assert found == (
        Bin(confidence=0.1, right=0.0, cases=1),
        Bin(confidence=0.65, right=0.5, cases=2),
        Bin(confidence=1.0, right=1.0, cases=1),
    )


def test_without_cases_there_is_no_range_and_nothing_is_covered() -> None:
    assert binned([], 10) == ()
    assert coverage(()) == ()


def test_the_surest_cases_are_covered_first() -> None:
    bins = (Bin(confidence=0.3, right=0.0, cases=1), Bin(confidence=0.9, right=1.0, cases=3))

    assert coverage(bins) == (
        Coverage(least=0.9, covered=0.75, precision=1.0),
        Coverage(least=0.3, covered=1.0, precision=0.75),
    )
