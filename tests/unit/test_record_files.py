"""Files of records: every fault with its line, and what is not kept by name."""

import json
from pathlib import Path

import pytest
from helpdesk.ticket import CustomerKey

from agent_cli import record_files
from agent_cli.record_files import RecordFileError, read
from infra.local import sample_records

HEAD = "customer,number,status,items,street\n"


def put(folder: Path, text: str, name: str = "orders.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_csv_has_an_order_a_row_and_other_columns_are_named(tmp_path: Path) -> None:
    first, others = 'kim@shop.example,1,shipped,"Lamp; Mug",Main 1', "Kim@Shop.example,2,placed,,"
    rows = f"{first}\n{others}\nC-7,3,placed,,\n"
    sheet = read(put(tmp_path, "\ufeff" + HEAD + rows))

    kim, other = sheet.holdings
    assert (str(kim.key), [each.number for each in kim.orders]) == (
        "email:kim@shop.example",
        ["1", "2"],
    )
    assert kim.orders[0].items == ("Lamp", "Mug")
    assert other.key == CustomerKey.typed("reference:C-7")
    assert sheet.left_out == ("street",)


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_json_has_a_customer_an_entry(tmp_path: Path, name: str) -> None:
    customer = {
        "customer": "kim@shop.example",
        "record": {"name": "Kim", "iban": "x"},
        "orders": [{"number": "1", "status": "placed", "paid": 5}],
        "address": "Main 1",
    }
    text = json.dumps([customer]) if name == "a.json" else json.dumps(customer) + "\n\n"
    sheet = read(put(tmp_path, text, name))

    (kim,) = sheet.holdings
    assert kim.record
    assert (kim.record.fields, kim.orders[0].number) == ((("name", "Kim"),), "1")
    assert sheet.left_out == ("address", "iban", "paid")


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.csv", "customer,number\n", "line 1: there is no column status"),
        ("a.csv", HEAD + "kim@shop.example,,placed,,\n", "line 2: number"),
        ("a.csv", HEAD + '"kim@shop.example",1,placed,"a\nb",\nx,2,,,\n', "line 4: status"),
        ("a.csv", HEAD + ",1,placed,,\n", "line 2: customer"),
        ("a.csv", HEAD + "name:Kim,1,placed,,\n", "line 2: customer: a name is shared"),
        ("a.csv", HEAD + "k@x.example,1,placed,4111111111111111,\n", "line 2: items: it looks"),
        ("a.csv", HEAD + "k@x.example,1,placed,,\nk@x.example,#1,placed,,\n", "line 3: this order"),
        ("a.csv", HEAD + "k@x.example,1,placed,,\nl@x.example,1,placed,,\n", "two customers"),
        ("a.json", "{", "not JSON"),
        ("a.json", "[1]", "customer 1: not an object"),
        ("a.json", '[{"customer": "C-1", "orders": [1]}]', "customer 1, order 1: not an object"),
        ("a.json", '[{"customer": "C-1", "orders": {"a": 1}}]', "customer 1: `record` is an"),
        ("a.json", '[{"orders": []}]', "customer 1: customer"),
        ("a.jsonl", '{"customer": "C-1"}\nx\n', "line 2: not JSON"),
        ("a.txt", "", "not .csv, .json or .jsonl"),
    ],
)
def test_a_fault_is_told_with_its_place(tmp_path: Path, name: str, text: str, told: str) -> None:
    with pytest.raises(RecordFileError) as error:
        read(put(tmp_path, text, name))
    assert told in str(error.value)
    assert "4111" not in str(error.value)


def test_not_every_fault_of_a_long_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(RecordFileError) as error:
        read(put(tmp_path, HEAD + "C-1,,,,\n" * 25))
    assert len(str(error.value).splitlines()) == record_files.MOST_FAULTS + 2
    assert str(error.value).endswith("and 5 more")


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"customer,number,status\n\xff\xfe,1,placed\n")

    with pytest.raises(RecordFileError):
        read(path)


def test_the_sample_can_be_read_and_has_the_demonstrations_order() -> None:
    sheet = read(sample_records.FILE)

    assert sheet.left_out == ()
    assert sample_records.ORDER in [each.number for each in sheet.holdings[0].orders]
