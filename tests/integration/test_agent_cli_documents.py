"""`knowledge document` at the terminal: what is read, what is left out, and who may."""

# ruff: noqa: F811 -- fixtures

import json
from collections.abc import Mapping
from typing import Any

import pytest
from helpdesk.aws import clients
from helpdesk.composition import Parts
from helpdesk.ticket import Agent, Role

from tests.integration.conftest import load
from tests.integration.test_agent_cli import Desk, desk  # noqa: F401 -- fixture
from tests.unit.documents import files as samples

HANDBOOK = """# Returns

Returns are free of charge. You have 30 days,
counted from delivery.

## Fees

Ask {{agent}} about fees. There are none.
"""
PAGE = """<html><head><title>Terms &amp; more</title><style>p {}</style></head><body>
<h1>Orders</h1><p>An order is <a href="https://shop.example.org/x">binding</a>. It can be
changed until it is packed.</p><h2>Prices</h2><p>Prices include tax.</p></body></html>"""


def write(desk: Desk, name: str, text: str | bytes) -> str:
    path = desk.home / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return str(path)


def bring(desk: Desk, name: str, text: str | bytes, *more: str) -> Any:
    path = write(desk, name, text)
    (view,) = desk.json("knowledge", "document", "import", path, "--yes", *more)
    return view


def told(desk: Desk, name: str) -> list[tuple[str, str]]:
    found = desk.json("knowledge", "document", "show", name)["passages"]
    return [(each["title"], each["text"]) for each in found]


def in_table(desk: Desk) -> list[tuple[str, str]]:
    """Return the keys of all items of documents."""
    client = clients.table(desk.stack.outputs["KnowledgeTable"]).client
    items = client.scan(TableName=desk.stack.outputs["KnowledgeTable"])["Items"]
    return sorted((i["pk"], i["sk"]) for i in items if i["pk"].startswith("DOCUMENT"))


class TestImport:
    def test_markdown_gives_sentences_under_their_headings(self, desk: Desk) -> None:
        view = bring(desk, "House rules.md", HANDBOOK)

        assert told(desk, "house_rules") == [
            ("Returns", "Returns are free of charge."),
            ("Returns", "You have 30 days, counted from delivery."),
            ("Returns \u203a Fees", "There are none."),
        ]
        assert view["document"] | {"at": ""} == {
            "name": "house_rules",
            "title": "Returns",
            "file": "House rules.md",
            "passages": 3,
            "version": 1,
            "at": "",
            "by": "ada",
        }

    def test_placeholders_are_left_out_and_shown(self, desk: Desk) -> None:
        path = write(desk, "rules.md", HANDBOOK)

        result = desk.run("knowledge", "document", "import", path, "--yes")

        assert "left out of rules, because it holds the placeholder {{agent}}" in result.stderr
        assert bring(desk, "again.md", HANDBOOK)["left_out"] == [
            {"text": "Ask {{agent}} about fees.", "why": "it holds the placeholder {{agent}}"}
        ]

    def test_a_page_gives_what_its_readers_see(self, desk: Desk) -> None:
        view = bring(desk, "terms.html", PAGE)

        assert view["document"]["title"] == "Terms & more"
        assert told(desk, "terms") == [
            ("Orders", "An order is binding."),
            ("Orders", "It can be changed until it is packed."),
            ("Orders \u203a Prices", "Prices include tax."),
        ]

    def test_a_table_gives_a_passage_a_row(self, desk: Desk) -> None:
        bring(desk, "faq.csv", 'question,answer\nHow?,"Press it, twice. Wait."\nWhy?,It helps.\n')
        bring(desk, "sizes.csv", "Size;Price\nSmall;4.95\nLarge;9.95\n")

        assert told(desk, "faq") == [("How?", "Press it, twice. Wait."), ("Why?", "It helps.")]
        assert told(desk, "sizes") == [
            ("sizes", "Size: Small; Price: 4.95"),
            ("sizes", "Size: Large; Price: 9.95"),
        ]

    def test_a_dry_run_stores_nothing(self, desk: Desk) -> None:
        assert not bring(desk, "rules.md", HANDBOOK, "--dry-run")["done"]
        assert in_table(desk) == []

    def test_a_later_import_replaces_the_pieces_and_is_recorded(self, desk: Desk) -> None:
        bring(desk, "rules.md", "\n\n".join(f"Rule {n} is good." for n in range(120)))
        assert len(in_table(desk)) == 5

        bring(desk, "new.md", "One rule is left.", "--name", "rules")

        assert told(desk, "rules") == [("rules", "One rule is left.")]
        assert len(in_table(desk)) == 4  # the document, its one part, two imports
        shown = desk.json("knowledge", "document", "show", "rules")
        assert [(each["version"], each["file"], each["by"]) for each in shown["imports"]] == [
            (1, "rules.md", "ada"),
            (2, "new.md", "ada"),
        ]

    def test_the_same_again_changes_nothing(self, desk: Desk) -> None:
        bring(desk, "rules.md", HANDBOOK)

        view = bring(desk, "rules.md", HANDBOOK)

        assert (view["changed"], view["done"], view["document"]["version"]) == (False, False, 1)

    def test_several_files_are_several_documents(self, desk: Desk) -> None:
        paths = [write(desk, name, "It is old.") for name in ("a.md", "b.txt")]

        found = desk.json("knowledge", "document", "import", *paths, "--yes")

        assert [each["document"]["name"] for each in found] == ["a", "b"]

    @pytest.mark.parametrize(
        ("name", "text", "said"),
        [
            ("a.docx", "x", "documents end in .csv, .md,"),
            ("a.md", "{{all}} of it", "no text that could be quoted"),
            ("a.csv", "", "a.csv: the file has no text"),
            ("a.md", b"\x00\x01\x02", "a.md: it is no text"),
            ("a.md", b" " * 4_000_001, "4,000,001 bytes; a document has 4,000,000 at most"),
            ("a.md", "x " * 500_001, "1,000,002 characters; a document has 1,000,000 at most"),
            ("a.md", "\n\n".join(map(str, range(20_001))), "a document has 20,000 at most"),
        ],
    )
    def test_what_cannot_be_a_document_is_refused(
        self, desk: Desk, name: str, text: str | bytes, said: str
    ) -> None:
        path = write(desk, name, text)

        result = desk.run("knowledge", "document", "import", path, "--yes")

        assert result.exit_code == 2
        assert said in result.stderr
        assert in_table(desk) == []

    def test_one_name_for_two_files_is_refused(self, desk: Desk) -> None:
        paths = [write(desk, name, "It is old.") for name in ("a.md", "a.txt")]

        assert desk.run("knowledge", "document", "import", *paths, "--yes").exit_code == 2
        named = ("--name", "all")
        assert desk.run("knowledge", "document", "import", *paths, *named).exit_code == 2

    def test_the_verb_for_articles_names_this_one(self, desk: Desk) -> None:
        result = desk.run("knowledge", "import", write(desk, "a.md", "It is old."))

        assert result.exit_code == 2
        assert "knowledge document import" in result.stderr


class TestPdf:
    """The stack reads PDF files: the function is not here, so its door is called directly."""

    @pytest.fixture
    def answers(self, monkeypatch: pytest.MonkeyPatch) -> list[tuple[bool, Mapping[str, Any]]]:
        given: list[tuple[bool, Mapping[str, Any]]] = []

        def invoke(self: Parts, function: str, event: bytes) -> tuple[bool, bytes]:
            assert function == "documents"
            assert set(json.loads(event)["read"]) == {"name", "content"}
            answered, said = given.pop()
            return answered, json.dumps(said).encode()

        monkeypatch.setattr(Parts, "invoke", invoke)
        return given

    def test_lines_that_the_page_cut_are_one(self, desk: Desk, answers: list[Any]) -> None:
        answers.append((True, {"text": "It is for-\never\nfree.", "cut": False, "why": None}))

        bring(desk, "terms.pdf", b"%PDF-")

        assert told(desk, "terms") == [("terms", "It is forever free.")]

    @pytest.mark.parametrize(
        ("answered", "found", "said"),
        [
            (True, {"text": "", "cut": False, "why": "It has a password."}, "It has a password."),
            (True, {"text": "a", "cut": True, "why": None}, "more text than is read"),
            (False, {"errorMessage": "boom"}, "the function failed"),
        ],
    )
    def test_what_was_not_read_is_not_imported(
        self, desk: Desk, answers: list[Any], answered: bool, found: Any, said: str
    ) -> None:
        answers.append((answered, found))

        path = write(desk, "terms.pdf", b"%PDF-")
        result = desk.run("knowledge", "document", "import", path, "--yes")

        assert result.exit_code == 2
        assert said in result.stderr
        assert in_table(desk) == []


def test_the_stacks_function_reads_for_leads_and_keeps_nothing(
    desk: Desk, template: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = load(template, desk.stack, "DocumentsFunction")

    def invoke(self: Parts, function: str, event: bytes) -> tuple[bool, bytes]:
        return True, json.dumps(documents(json.loads(event))).encode()

    monkeypatch.setattr(Parts, "invoke", invoke)
    bring(desk, "terms.pdf", samples.pdf("The shop opens at nine. It closes at five."))
    broken = desk.run("knowledge", "document", "import", write(desk, "b.pdf", b"%PDF-1.7"), "--yes")

    assert told(desk, "terms") == [
        ("terms", "The shop opens at nine."),
        ("terms", "It closes at five."),
    ]
    assert "b.pdf was not read. The file is damaged" in broken.stderr
    files = clients.s3().list_objects_v2(Bucket=desk.stack.outputs["FilesBucket"])
    assert files["KeyCount"] == 0


class TestForget:
    def test_nothing_is_left_but_the_record(self, desk: Desk) -> None:
        bring(desk, "rules.md", HANDBOOK)

        desk.json("knowledge", "document", "forget", "rules", "--yes")

        assert desk.json("knowledge", "document", "list") == []
        assert in_table(desk) == [
            ("DOCUMENT#rules", "VERSION#000001"),
            ("DOCUMENT#rules", "VERSION#000002"),
        ]
        assert desk.run("knowledge", "document", "show", "rules").exit_code == 3

    def test_a_document_that_comes_back_goes_on_counting(self, desk: Desk) -> None:
        bring(desk, "rules.md", HANDBOOK)
        desk.json("knowledge", "document", "forget", "rules", "--yes")

        assert bring(desk, "rules.md", HANDBOOK)["document"]["version"] == 3
        shown = desk.json("knowledge", "document", "show", "rules")
        assert [each["forgotten"] for each in shown["imports"]] == [False, True, False]


def test_only_leads_may(desk: Desk) -> None:
    bring(desk, "rules.md", HANDBOOK)
    desk.knowledge.put_agent(Agent("bob", frozenset({Role.AGENT})))
    path = write(desk, "other.md", HANDBOOK)

    for words in (("import", path, "--yes"), ("forget", "rules", "--yes")):
        result = desk.run("knowledge", "document", *words, agent="bob")
        assert result.exit_code == 4
        assert "only leads change the knowledge" in result.stderr
    assert len(desk.json("knowledge", "document", "list", agent="bob")) == 1
