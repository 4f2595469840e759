"""Lists of tickets that agents hand to a verb."""

import json

import pytest
from helpdesk.ticket import TextError

from agent_cli.ids import ids_in

ONE, TWO, HERS = "7k3mxq0v2r5t8w1z", "2w8r5t1z0v7k3mxq", "0v2r5t8w1z7k3mxq"


@pytest.mark.parametrize(
    "text",
    [
        f"{ONE}\n{TWO}\n",
        f"  {ONE}   escalated   what about {HERS}?\n{TWO}\n{ONE} again\n",
        json.dumps([ONE, TWO]),
        json.dumps({"items": [{"id": ONE}, {"id": TWO}], "cursor": HERS}),
        json.dumps([{"id": ONE, "subject": HERS}, {"id": TWO, "customer": {"id": HERS}}]),
        json.dumps([{"ticket": {"id": ONE}, "messages": [{"id": HERS}]}, {"ticket": {"id": TWO}}]),
        "\n".join(json.dumps({"id": each, "subject": HERS}) for each in (ONE, TWO)),
        f'"state","id","subject"\r\n"new","{ONE}","one\r\n{HERS},{HERS},"\r\n"new","{TWO}",""\r\n',
    ],
)
def test_only_the_ids_of_the_list_are_taken(text: str) -> None:
    assert ids_in(text) == (ONE, TWO)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "internationalisation of it",
        f"about {ONE}",
        f'"{HERS} said"',
        "7",
        "{}",
        "[" * 100_000,
        json.dumps({"subject": ONE}),
    ],
)
def test_other_text_names_none(text: str) -> None:
    assert ids_in(text) == ()


def test_a_table_that_cannot_be_read_is_told() -> None:
    with pytest.raises(TextError, match="cannot be read as CSV"):
        ids_in(f"id,subject\n{ONE},{'x' * 200_000}\n")
