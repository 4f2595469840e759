"""CSV (issue 3, point 9): no cell that a customer wrote is a formula, whatever reads the file."""

import csv
import io
import re
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_cli import spreadsheets

SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20"
ATTACKS = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\ttext",
    "\rtext",
    "\n=1+1",
    "  =1+1",
    '"=1+1',
    "'=1+1",
    "\ufeff=1+1",
    "\uff1d1+1",
    "x;=cmd|' /C calc'!A0;y",
    'x";"=1+1";"y',
    "x\t=1+1",
    "x\n=1+1",
    "x,=1+1",
]


def written(*values: object) -> str:
    file = io.StringIO()
    spreadsheets.write(file, ["name"], [values])
    return file.getvalue()


@pytest.mark.parametrize("text", ATTACKS)
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_no_cell_begins_as_a_formula_does_whatever_separates_the_cells(
    text: str, separator: str
) -> None:
    said = written(text, "harmless").split("\r\n", 1)[1]

    for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
        for row in csv.reader(io.StringIO(said, newline=""), delimiter=separator, quoting=quoting):
            for found in row:
                begin = found.lstrip('" \n\u200b\ufeff')
                assert not begin.startswith(tuple(SIGNS)), (found, text)
                assert not re.match(r"[\t\r]", found), (found, text)


@given(st.text(max_size=30))
def test_a_cell_never_begins_with_what_steers_a_spreadsheet(text: str) -> None:
    cell = spreadsheets.cell(text)

    assert not cell.startswith((*SIGNS, "\t", "\r"))
    assert cell.replace("'", "") == text.replace("'", "")


@given(st.text(alphabet=st.characters(exclude_characters=SIGNS + "\t\r"), max_size=50))
def test_other_text_is_unchanged(text: str) -> None:
    assert spreadsheets.cell(text) == text


def test_values_are_readable() -> None:
    berlin = timezone(timedelta(hours=1))
    assert spreadsheets.cell(None) == ""
    assert [spreadsheets.cell(each) for each in (True, False)] == ["yes", "no"]
    assert spreadsheets.cell(-5) == "-5"  # a number is a number
    assert spreadsheets.cell(datetime(2026, 3, 2, 9, tzinfo=berlin)) == "2026-03-02T08:00:00+00:00"
    assert spreadsheets.cell(frozenset({"b", "=a"})) == "'=a b"


def test_every_cell_is_quoted_and_read_back() -> None:
    said = written('a "b", c', "two\nlines")

    assert said == '"name"\r\n"a ""b"", c","two\nlines"\r\n'
    assert list(csv.reader(io.StringIO(said, newline="")))[1] == ['a "b", c', "two\nlines"]
