"""Pictures are values: each mark stands where its number says, and within the picture."""

import pytest
from helpdesk.reliability import Bin, Coverage
from hypothesis import given
from hypothesis import strategies as st

from agent_cli.pictures import WIDTH, Mark, Picture, charts
from agent_cli.pictures.charts import Column, Part, Row, Series
from agent_cli.pictures.marks import drawn
from agent_cli.pictures.scales import Scale, ceiling, labelled, middle, spread

NUMBERS = st.integers(0, 100_000)


class TestScales:
    @pytest.mark.parametrize(
        ("highest", "top"), [(0, 1), (1, 1), (2, 2), (3, 5), (6, 10), (11, 20), (101, 200)]
    )
    def test_an_axis_ends_at_a_round_number(self, highest: int, top: int) -> None:
        assert ceiling(highest) == top

    def test_an_axis_has_a_middle_if_a_whole_number_is_there(self) -> None:
        assert [middle(top) for top in (1, 2, 5, 10)] == [None, 1, None, 5]

    def test_what_is_outside_lies_at_the_nearer_end(self) -> None:
        scale = Scale(10, 100, 0)

        assert [scale.at(number) for number in (-1, 0, 5, 10, 11)] == [100, 100, 50, 0, 0]
        assert Scale(0, 7, 9).at(3) == 7

    def test_a_bar_is_narrower_than_its_slot_and_never_wider_than_a_thumb(self) -> None:
        assert spread(24, 40, 316) == (11.5, pytest.approx(8.28))
        assert spread(1, 40, 316) == (276, 28)
        assert spread(0, 40, 316) == (276, 28)

    def test_no_more_labels_than_there_is_room_for(self) -> None:
        for number in range(1, 400):
            assert len(range(0, number, labelled(number, 6))) <= 6


def boxes(picture: Picture, kind: str) -> list[Mark]:
    return [each for each in picture.marks if each.given.get("class") == kind]


def column(*numbers: int, before: float | None = None) -> Column:
    kinds = ("bar", "hollow")
    parts = tuple(Part(kind, number) for kind, number in zip(kinds, numbers, strict=False))
    return Column(label="9", parts=parts, title="at 9", before=before)


def test_the_parts_of_a_column_stand_on_each_other_as_high_as_their_numbers() -> None:
    picture = charts.columns("n", "T", "Said.", [column(5, 5)])

    (below,), (above,) = boxes(picture, "bar"), boxes(picture, "hollow")
    assert float(below.given["height"]) == float(above.given["height"]) == 60
    assert float(above.given["y"]) + 60 == float(below.given["y"])
    assert float(below.given["y"]) + 60 == charts.GROUND


def test_what_is_nothing_has_no_mark_but_says_so() -> None:
    picture = charts.columns("n", "T", "Said.", [column(0, 0)])

    assert not boxes(picture, "bar")
    assert [each.title for each in picture.marks if each.title] == ["at 9"]


def test_a_gap_parts_a_line_and_a_single_point_is_seen() -> None:
    points = tuple((share, str(share)) for share in (0.1, 0.2, None, 0.4))
    picture = charts.lines("n", "T", "S", [Series(kind="first", name="x", points=points)], "abcd")

    assert sum(each.tag == "polyline" for each in picture.marks) == 1
    assert [each.title for each in picture.marks if each.tag == "circle"] == ["0.1", "0.2", "0.4"]


def test_the_longest_row_fills_the_width_and_long_names_are_cut() -> None:
    rows = [
        Row(name="n" * 90, said="4", parts=(Part("bar", 3), Part("hollow", 1)), title="t"),
        Row(name="b", said="2", parts=(Part("bar", 2),), title="t"),
    ]
    picture = charts.rows("n", "T", "S", rows)

    long, short = (float(each.given["width"]) for each in boxes(picture, "bar"))
    assert (long, short) == (234, 156)
    assert max(len(each.text) for each in picture.marks) == charts.MOST_LETTERS


def test_a_bin_lies_on_the_line_if_the_model_is_as_right_as_it_says() -> None:
    bins = (Bin(confidence=0.5, right=0.5, cases=4),)
    picture = charts.reliability("S", bins, (0.7,))

    (dot,), (tick,) = boxes(picture, "dot"), boxes(picture, "bound")
    assert (dot.given["cx"], dot.given["cy"], dot.given["r"]) == ("165.0", "150.0", "5.0")
    assert tick.title == "an intent needs 0.70"


def test_coverage_goes_through_its_points() -> None:
    points = [
        Coverage(least=0.9, covered=0.5, precision=1.0),
        Coverage(least=0.1, covered=1.0, precision=0.5),
    ]
    picture = charts.coverage("S", points)

    (line,) = [each for each in picture.marks if each.tag == "polyline"]
    assert line.given["points"] == "165.0,30.0 300.0,150.0"


@given(st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), max_size=90))
def test_no_mark_leaves_its_picture(numbers: list[tuple[int, int, int]]) -> None:
    shown = [column(a, b, before=c) for a, b, c in numbers]
    key = (("bar", "answered by the desk"), ("hollow", "handed over"), ("before", "a week ago"))
    picture = charts.columns("n", "T", "S", shown, key=key, limits=[(len(shown) - 1, "half")])

    for mark in picture.marks:
        given = {
            name: float(value)
            for name, value in mark.given.items()
            if name not in {"class", "text-anchor"}
        }
        right = max(given.get("x", 0) + given.get("width", 0), given.get("x2", 0))
        bottom = max(given.get("y", 0) + given.get("height", 0), given.get("y2", 0))
        assert right <= WIDTH
        assert bottom <= picture.height
        assert min(given.values()) >= 0


def test_a_drawn_picture_has_its_title_its_sentence_and_escaped_words() -> None:
    picture = charts.rows("n", "T", "Said.", [Row(name="<b>", said="1", parts=(), title="t")])

    tree = drawn(picture)

    assert tree.get("aria-labelledby") == "n-title n-told"
    assert (tree.findtext("title"), tree.findtext("desc")) == ("T", "Said.")
    assert tree.findtext("text") == "<b>"
    assert tree.findtext("rect/title") == "t"
