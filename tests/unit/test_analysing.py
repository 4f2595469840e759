"""What would become of a message and its files; kept for an hour, never if it is degraded."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from helpdesk import analysing
from helpdesk.analysing import LIFE, SILENT, Kept, Message, Place, Told
from helpdesk.contract import AnalysisIn, AnalysisOut
from helpdesk.files import Attachment, State, Why
from helpdesk.papers import Document
from helpdesk.ports import NoModelError
from helpdesk.ticket import Customer, TextError
from helpdesk.triage import Answer, Decision, Entity, Understanding
from pydantic import ValidationError

from tests.fakes import MORNING, Clock, an_article, an_understanding
from tests.filing import an_attachment

DAY = Entity("date", "--01-15", 3, 15, "January 15th")
BILL = Entity("order_number", "48213", 6, 11, "48213", "file 1")


class InMemoryAnalyses:
    """The analyses of all processes; `fails` is how the table fails."""

    def __init__(self) -> None:
        self.kept: dict[Place, Kept] = {}
        self.fails: Exception | None = None

    def get(self, place: Place) -> Kept | None:
        if self.fails:
            raise self.fails
        return self.kept.get(place)

    def put(self, place: Place, kept: Kept) -> None:
        if self.fails:
            raise self.fails
        self.kept[place] = kept


class Office:
    """A process that analyses, and counts how often it understood; `fails` is how it fails."""

    def __init__(
        self, analyses: InMemoryAnalyses | None = None, clock: Clock | None = None
    ) -> None:
        self.analyses = analyses or InMemoryAnalyses()
        self.clock = clock or Clock()
        self.understood = self.unkept = 0
        self.fails: Exception | None = None
        self.texts: dict[int, str] = {}
        self.model = "v1"

    def predict(self, text: str, files: Mapping[int, str]) -> tuple[Understanding, Decision]:
        self.understood += 1
        if self.fails:
            raise self.fails
        named = (DAY, BILL) if files else (DAY,)
        meant = an_understanding(
            ("refund", 0.9), entities=named, sentiment=-0.5, model=f"{self.model}/full"
        )
        return meant, Answer(an_article("refund", category="REFUND"))

    def text_of(self, file: Attachment) -> str:
        if file.number not in self.texts:
            raise OSError("throttled")
        return self.texts[file.number]

    def failed_to_keep(self) -> None:
        self.unkept += 1

    def desk(self, scale: str = "") -> analysing.Desk:
        return analysing.Desk(
            analyses=self.analyses,
            predict=self.predict,
            text_of=self.text_of,
            knowledge=lambda: f"{self.model}/digest/1",
            show=lambda made: AnalysisOut.of(made).model_dump_json(),
            clock=self.clock,
            failures=(OSError,),
            unkept=self.failed_to_keep,
            scale=scale,
        )

    def told(self, message: Message, scale: str = "") -> Told:
        return analysing.analyse(message, self.desk(scale))

    def analyse(self, message: Message, scale: str = "") -> AnalysisOut:
        return AnalysisOut.told(self.told(message, scale))


MESSAGE = Message(text="I want my money back", subject="Order 48213")
ADA = Customer(email="Ada@Example.com", reference="C-1", name="Ada")
READY = an_attachment(state=State.READY, etag="e1", kind="pdf")
BILLED = "Invoice number 7\nfor order 48213\nAmount due 12.00 EUR"


def test_it_says_what_would_become_of_the_message() -> None:
    shown = Office().analyse(MESSAGE)

    assert (shown.category, shown.matter, shown.team) == ("REFUND", "returns", "returns_team")
    assert (shown.level, shown.compensation, shown.legal) == (1, True, False)
    assert [(each.rule, each.origin) for each in shown.findings] == [("money_back", "message")]
    assert (shown.least_hours, shown.most_hours, shown.mood) == (8, 24, "unhappy")
    assert [(each.kind, each.spelling, each.value, each.origin) for each in shown.entities] == [
        ("dates", "January 15th", "--01-15", "message"),
    ]  # fmt: skip
    assert shown.prediction
    assert shown.prediction.decision == "answer"
    assert (shown.degraded, shown.lacking, shown.files) == (False, [], [])


def test_the_scale_and_the_received_date_count() -> None:
    came = MORNING - timedelta(days=3)
    dated = replace(MESSAGE, received_at=came)
    office = Office()

    shown = office.analyse(dated, "rules.money_back.level=2")

    assert shown.level == 2
    assert shown.due < came + timedelta(days=2)
    assert office.analyse(dated).cached is False, "another scale is another analysis"


class TestAnHour:
    """M12: again within the hour, after it, and after a degraded one."""

    def test_the_same_message_is_understood_once_an_hour_by_all_processes(self) -> None:
        first = Office()
        second = Office(first.analyses, first.clock)

        shown = [each.analyse(MESSAGE) for each in (first, second, first)]

        assert [each.cached for each in shown] == [False, True, True]
        assert shown[1].model_copy(update={"cached": False}) == shown[0]
        first.clock.advance(LIFE - timedelta(seconds=1))
        assert second.analyse(MESSAGE).cached
        assert (first.understood, second.understood) == (1, 0)
        first.clock.advance(timedelta(seconds=1))
        assert second.analyse(MESSAGE).cached is False, "the table may delete it much later"
        assert (first.understood, second.understood) == (1, 1)

    @pytest.mark.parametrize("failure", [OSError("throttled"), NoModelError("none")])
    def test_what_is_judged_by_its_words_is_not_kept(self, failure: Exception) -> None:
        office = Office()
        office.fails = failure

        shown = office.analyse(MESSAGE)

        assert (shown.degraded, shown.lacking, shown.cached) == (True, [SILENT], False)
        assert (shown.level, shown.matter) == (1, "returns")
        assert (shown.prediction, shown.mood, shown.entities) == (None, None, [])
        assert office.analyses.kept == {}
        assert office.analyse(MESSAGE).cached is False
        office.fails = None
        assert (office.analyse(MESSAGE).degraded, office.understood) == (False, 3)
        assert office.analyse(MESSAGE).cached

    def test_a_mistake_of_ours_is_no_failure_of_a_table(self) -> None:
        office = Office()
        office.fails = ValueError("a mistake")
        with pytest.raises(ValueError, match="mistake"):
            office.analyse(MESSAGE)

    def test_a_table_that_does_not_answer_costs_the_keeping_only(self) -> None:
        office = Office()
        office.analyses.fails = OSError("throttled")

        assert [office.analyse(MESSAGE).degraded for _ in range(2)] == [False, False]
        assert (office.understood, office.unkept) == (2, 4)

    def test_another_model_counts_at_once(self) -> None:
        office = Office()
        office.analyse(MESSAGE)
        office.model = "v2"

        assert office.analyse(MESSAGE).cached is False

    def test_what_an_earlier_model_said_is_not_kept_for_the_one_in_force(self) -> None:
        """A process may go by an earlier model for some seconds."""
        office = Office()
        late = replace(office.desk(), knowledge=lambda: "v2/digest/1")

        analysing.analyse(MESSAGE, late)

        assert office.analyses.kept == {}

    def test_another_message_is_another_one(self) -> None:
        others = (
            replace(MESSAGE, text="I want my money"),
            replace(MESSAGE, subject=""),
            replace(MESSAGE, customer=Customer(email="ada@example.com")),
            replace(MESSAGE, customer=Customer(country="DE")),
            replace(MESSAGE, received_at=MORNING),
            replace(MESSAGE, files=(READY,)),
            replace(MESSAGE, files=(replace(READY, etag="e2"),)),
            replace(MESSAGE, files=(replace(READY, number=2),)),
        )
        places = {each.place("v1", "") for each in (MESSAGE, *others)}

        assert len({each.digest for each in places}) == 9
        assert len({MESSAGE.place("v1", "").digest, MESSAGE.place("v1", "levels").digest}) == 2

    def test_letter_case_of_an_address_and_a_name_make_no_other_message(self) -> None:
        alike = replace(ADA, email=" ada@example.COM ", name="A. L.")

        assert replace(MESSAGE, customer=ADA).place("v1", "") == replace(
            MESSAGE, customer=alike
        ).place("v1", "")

    def test_it_is_kept_where_erasing_finds_it_and_says_nothing_of_the_message(self) -> None:
        office = Office()
        office.texts[1] = BILLED
        office.analyse(replace(MESSAGE, customer=ADA, files=(READY,)))

        ((place, kept),) = office.analyses.kept.items()
        assert set(place.owners) == {"EMAIL#ada@example.com", "REFERENCE#C-1", READY.ticket_id}
        assert MESSAGE.text not in kept.said
        assert "ada" not in kept.said.lower()
        assert MESSAGE.place("v1", "").owners == ()


class TestFiles:
    def test_what_a_file_says_counts_with_its_origin(self) -> None:
        office = Office()
        office.texts[1] = f"{BILLED}\nMy lawyer will sue you."

        shown = office.analyse(replace(MESSAGE, files=(READY,)))

        assert [(each.kind, each.value, each.origin) for each in shown.entities] == [
            ("dates", "--01-15", "message"),
            ("orders", "48213", "file 1"),
        ]
        assert (shown.level, shown.legal) == (3, True)
        assert ("file 1", 3) in [(each.origin, each.level) for each in shown.findings]
        (file,) = shown.files
        assert (file.number, file.name, file.state) == (1, "invoice.pdf", "ready")
        assert (file.document, file.why) == (Document.INVOICE, None)
        assert file.reason
        assert "invoice number" in file.reason
        assert file.summary
        assert "for order 48213" in file.summary
        assert shown.prediction
        assert len(shown.prediction.entities) == 1, "places in the text of the message"
        assert not shown.degraded
        assert office.analyse(replace(MESSAGE, files=(READY,))).cached

    @pytest.mark.parametrize("state", [State.EXPECTED, State.CHECKED])
    def test_a_file_that_is_not_read_yet_makes_it_degraded(self, state: State) -> None:
        office = Office()
        waiting = an_attachment(state=state)

        shown = office.analyse(replace(MESSAGE, files=(waiting,)))

        assert (shown.degraded, shown.lacking) == (True, ["File 1 is not read yet."])
        assert shown.category == "REFUND", "the message itself is understood"
        assert (shown.files[0].document, shown.files[0].why) == (None, "File 1 is not read yet.")
        assert office.analyses.kept == {}

    @pytest.mark.parametrize("state", [State.REFUSED, State.ERASED])
    def test_a_file_that_is_never_going_to_be_read_does_not(self, state: State) -> None:
        gone = an_attachment(state=state, why=Why.MALWARE)

        shown = Office().analyse(replace(MESSAGE, files=(gone,)))

        assert (shown.degraded, shown.files[0].state) == (False, state)
        assert (shown.files[0].document, shown.files[0].why) == (None, Why.MALWARE.text)

    def test_a_text_that_cannot_be_fetched_now_makes_it_degraded(self) -> None:
        shown = Office().analyse(replace(MESSAGE, files=(READY,)))

        assert shown.lacking == ["The text of file 1 could not be fetched."]
        assert shown.files[0].document is None

    def test_a_picture_without_text_is_a_photo(self) -> None:
        picture = replace(READY, name="IMG_1.jpg", media_type="image/jpeg", why=Why.NO_TEXT)

        (file,) = Office().analyse(replace(MESSAGE, files=(picture,))).files

        assert (file.document, file.summary, file.why) == ("photo", "", Why.NO_TEXT.text)

    def test_the_words_of_files_count_without_the_knowledge(self) -> None:
        office = Office()
        office.fails = OSError("throttled")
        office.texts[1] = "My lawyer will sue you."

        shown = office.analyse(replace(MESSAGE, files=(READY,)))

        assert (shown.degraded, shown.level, shown.lacking) == (True, 3, [SILENT])

    @pytest.mark.parametrize(
        "files",
        [
            {"ticket": "0123456789abcdef", "numbers": []},
            {"ticket": "0123456789abcdef", "numbers": [1, 1]},
            {"ticket": "0123456789abcdef", "numbers": [0]},
            {"ticket": "0123456789abcdef", "numbers": list(range(1, 22))},
            {"ticket": "../etc", "numbers": [1]},
            {"numbers": [1]},
        ],
    )
    def test_files_are_asked_for_in_one_way(self, files: dict[str, Any]) -> None:
        with pytest.raises(ValidationError):
            AnalysisIn.model_validate({"text": "hi", "files": files})


def test_a_message_that_shows_nothing_is_refused() -> None:
    with pytest.raises(TextError):
        Office().analyse(Message(text="\u200b "))


if TYPE_CHECKING:  # mypy holds the fake against the Protocol
    _analyses: analysing.Analyses = InMemoryAnalyses()
