"""Files as pieces of documents: what a reader of each kind of file sees, and what is left out."""

import pytest
from helpdesk.evidence import InvalidDocumentError
from helpdesk.evidence.reading import (
    LONGEST_PIECE,
    LONGEST_TITLE,
    MOST_CHARACTERS,
    MOST_PIECES,
    Paper,
    of_csv,
    of_lines,
    of_markdown,
    of_pages,
)
from helpdesk.evidence.sentences import ENCODED, pieces


def told(paper: Paper) -> list[tuple[str, str]]:
    return [(each.title, each.text) for each in paper.pieces]


def texts(paper: Paper) -> list[str]:
    return [each.text for each in paper.pieces]


class TestMarkdown:
    def test_headings_stand_above_what_follows_them(self) -> None:
        paper = of_markdown("Intro.\n# A\nOne.\n### B\nTwo.\n## C ##\nThree.\n# D\nFour.\n")

        assert told(paper) == [
            ("", "Intro."),
            ("A", "One."),
            ("A \u203a B", "Two."),
            ("A \u203a C", "Three."),
            ("D", "Four."),
        ]

    def test_underlined_headings_are_headings(self) -> None:
        paper = of_markdown("Top\n===\nOne.\n\nBelow\n---\nTwo.\n\nNo heading\n\n---\nThree.\n")

        assert told(paper) == [
            ("Top", "One."),
            ("Top \u203a Below", "Two."),
            ("Top \u203a Below", "No heading"),
            ("Top \u203a Below", "Three."),
        ]

    def test_lines_of_a_paragraph_are_one_text(self) -> None:
        assert texts(of_markdown("It is\nfree. You\nkeep it.\n\nGo")) == [
            "It is free.", "You keep it.", "Go",
        ]  # fmt: skip

    def test_items_of_a_list_are_texts_of_their_own(self) -> None:
        paper = of_markdown("- one\n* two\n+ three\n1. four\n   goes on\n- [ ] five\n> six\n")

        assert texts(paper) == ["one", "two", "three", "four goes on", "five six"]

    @pytest.mark.parametrize(
        ("line", "read"),
        [
            ("See [the *page*](https://x.example/a) now.", "See the page now."),
            ('See [it](/a "b").', "See it."),
            ("See [it][1].", "See it."),
            ("![A lamp](a.png) is here.", "A lamp is here."),
            ("It is **very** __much__ *so* `free`.", "It is very much so free."),
            ("It is ***free***.", "It is free."),
            ("Write to <mailto:a@x.example>.", "Write to mailto:a@x.example."),
            ("2 * 3 * 4 is snake_case_name.", "2 * 3 * 4 is snake_case_name."),
            ("It <!-- is not --> is.", "It is."),
            ("It\u200b is\u202e free.", "It is free."),
        ],
    )
    def test_marks_are_not_read_out(self, line: str, read: str) -> None:
        assert texts(of_markdown(line)) == [read]

    def test_rows_of_tables_name_their_columns(self) -> None:
        table = "# Prices\n| Size | Price |\n|:---|---:|\n| Small | 4.95 |\n| Big | |\n\n| x | y |"

        assert told(of_markdown(table)) == [
            ("Prices", "Size: Small; Price: 4.95"),
            ("Prices", "Size: Big"),
            ("Prices", "x; y"),
        ]

    def test_a_row_with_an_answer_says_it_under_its_question(self) -> None:
        table = "# FAQ\n| Question | Answer |\n|---|---|\n| Why? | It helps. |\n"

        assert told(of_markdown(table)) == [("FAQ \u203a Why?", "It helps.")]

    def test_the_title_is_that_of_the_front_matter_or_the_first_heading(self) -> None:
        assert of_markdown('---\ntitle: "House rules"\n---\n# A\nOne.').title == "House rules"
        assert of_markdown("# A\n## B\nOne.").title == "A"
        assert of_markdown("One.").title == ""

    def test_definitions_of_links_and_fences_say_nothing(self) -> None:
        assert texts(of_markdown("One.\n\n[1]: https://x.example\n```sh\nls -l\n```\n")) == [
            "One.", "ls -l",
        ]  # fmt: skip


class TestLines:
    def test_each_line_ends_a_sentence(self) -> None:
        assert told(of_lines("# A\nOne\nTwo. Three\n| a | b |", title="T")) == [
            ("A", "One"), ("A", "Two."), ("A", "Three"), ("A", "| a | b |"),
        ]  # fmt: skip
        assert of_lines("# A\nOne", title="T").title == "T"


class TestPages:
    def test_lines_and_words_that_the_page_cut_are_whole(self) -> None:
        paper = of_pages("It is for-\never\nfree.\n \nOn MON-\nDAY. Go.")

        assert texts(paper) == ["It is forever free.", "On MON- DAY.", "Go."]


class TestTables:
    def test_what_is_said_is_the_text_column_and_the_rest_is_not(self) -> None:
        paper = of_csv("flags,instruction,category,response\nB,stop it,X,Press stop.\n")

        assert told(paper) == [("stop it", "Press stop.")]

    def test_without_a_text_column_a_row_says_its_cells(self) -> None:
        assert texts(of_csv("Size;Price;\nSmall;4,95;\n")) == ["Size: Small; Price: 4,95"]
        assert texts(of_csv("Size\tPrice\nSmall\t4,95\n")) == ["Size: Small; Price: 4,95"]

    def test_facts_of_one_line_have_no_header(self) -> None:
        assert texts(of_csv("The lamp is red.\nThe lamp is new.\n")) == [
            "The lamp is red.", "The lamp is new.",
        ]  # fmt: skip
        assert texts(of_csv("fact\nThe lamp is red\n")) == ["The lamp is red"]

    def test_a_row_is_one_passage_unless_the_encoder_cannot_read_it(self) -> None:
        short, long = "Press it. Wait.", "It is free. You keep it. " * 20
        assert pieces(long) > ENCODED

        assert texts(of_csv(f'answer,x\n{short},1\n"{long}",2\n')) == [
            short, "It is free.", "You keep it.",
        ]  # fmt: skip

    def test_quoted_cells_may_have_several_lines(self) -> None:
        assert texts(of_csv('answer,x\n"Press it.\nWait.",1\n')) == ["Press it. Wait."]

    def test_what_is_no_table_is_refused(self) -> None:
        with pytest.raises(InvalidDocumentError, match="no table in CSV"):
            of_csv(f'a,b\n"{"x" * 140_000}",c\n')


class TestLeavingOut:
    @pytest.mark.parametrize("what", ["{{name}}", "[your city]", "<order id>", "{slot}"])
    def test_placeholders_are_left_out_and_said(self, what: str) -> None:
        paper = of_pages(f"It is free. Dear {what}, hello.")

        assert texts(paper) == ["It is free."]
        (left,) = paper.left_out
        assert (left.text, left.why) == (
            f"Dear {what}, hello.", f"it holds the placeholder {what}",
        )  # fmt: skip

    def test_what_is_too_long_for_a_sentence_is_left_out(self) -> None:
        paper = of_pages(f"It is free.\n\n{'a ' * LONGEST_PIECE}end.\n\n{'b' * LONGEST_PIECE}")

        assert [len(each) for each in texts(paper)] == [11, LONGEST_PIECE]
        assert [each.why for each in paper.left_out] == ["it is longer than 600 characters"]

    def test_a_text_is_there_once(self) -> None:
        assert texts(of_pages("Page one.\n\nIt is.\n\nPAGE  one.")) == ["Page one.", "It is."]

    @pytest.mark.parametrize("text", ["", " \n\n", "{{a}}", "---\n***", "\u200b"])
    def test_a_file_without_anything_to_quote_is_refused(self, text: str) -> None:
        for read in (of_markdown, of_lines, of_pages, of_csv):
            with pytest.raises(InvalidDocumentError, match="no text"):
                read(text)

    def test_a_file_that_is_too_long_is_refused(self) -> None:
        for read in (of_markdown, of_lines, of_pages, of_csv):
            with pytest.raises(InvalidDocumentError, match="1,000,001 characters"):
                read("a" * (MOST_CHARACTERS + 1))
        assert len(of_lines("\n".join(map(str, range(MOST_PIECES)))).pieces) == MOST_PIECES
        with pytest.raises(InvalidDocumentError, match="20,001 sentences and rows"):
            of_lines("\n".join(map(str, range(MOST_PIECES + 1))))

    def test_a_long_heading_is_shortened(self) -> None:
        (piece,) = of_markdown(f"# {'a' * 300}\nOne.").pieces

        assert len(piece.title) == LONGEST_TITLE
