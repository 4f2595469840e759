"""A bar that is missed is marked in the report, and found there."""

from infra.measuring.row import Bar, Row, missed, written

ROWS = [
    Row("boot", "8 s", Bar("≤ 25 s", reached=True)),
    Row("answer", "500 ms", Bar("≤ 400 ms", reached=False)),
    Row("terminal", "70 ms"),
]


def test_only_a_missed_bar_is_marked() -> None:
    lines = list(written(ROWS))

    assert lines[2:] == [
        "| boot | 8 s | ≤ 25 s |",
        "| answer | 500 ms | ≤ 400 ms **missed** |",
        "| terminal | 70 ms |  |",
    ]
    assert missed(lines) == [lines[3]]
