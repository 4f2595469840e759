"""Replies of agents that drafts may repeat: whose words are taken, what is masked and refused."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from helpdesk import masking
from helpdesk.curation import Adopter, InvalidReplyError
from helpdesk.ports import ConflictError, NotFoundError
from helpdesk.ticket import Agent, Conversation, Customer, Message, NotAllowedError, Source
from helpdesk.triage import Entity

from tests.documented import InMemoryReplies
from tests.fakes import ADA, LEAD, MORNING, Clock, an_article, an_understanding
from tests.tickets import received

TICKET = "0123456789abcdef"
KIM = Customer(email="kim@x.example", name="Kim Okafor", reference="C-77")


class Scene:
    """A ticket with messages, and a lead who looks at it."""

    def __init__(self, *said: tuple[Source, str], customer: Customer = KIM, **more: Any) -> None:
        self.ticket = replace(received(), id=TICKET, customer=customer, **more)
        self.messages = tuple(
            Message(number=number, source=source, text=text, at=MORNING)
            for number, (source, text) in enumerate(said, 1)
        )
        self.shelf = InMemoryReplies()
        self.clock = Clock()

    def conversation(self, ticket_id: str, *, latest: bool = True) -> Conversation | None:
        return Conversation(self.ticket, self.messages) if ticket_id == TICKET else None

    def all(self) -> tuple[Any, ...]:
        return (an_article("refund", title="Money back", answer="Choose Returns on the page."),)

    def lead(self, agent: Agent = LEAD) -> Adopter:
        return Adopter(lead=agent, tickets=self, articles=self, shelf=self.shelf, clock=self.clock)

    def adopted(self, message: int | None = None, *harmless: str) -> str:
        at = self.lead()
        plan = at.plan(TICKET, message, harmless=harmless)
        at.carry_out(plan)
        return plan.reply.text


def asked(text: str) -> tuple[Source, str]:
    return Source.CUSTOMER, text


def replied(text: str) -> tuple[Source, str]:
    return Source.AGENT, text


class TestWhoseWords:
    def test_the_last_reply_of_an_agent_is_taken(self) -> None:
        scene = Scene(asked("Help!"), replied("Press it."), replied("Hold it."), asked("Thanks"))

        assert scene.adopted() == "Hold it."
        assert scene.shelf.replies()[0].message == 3

    def test_or_the_one_that_is_named(self) -> None:
        assert Scene(replied("Press it."), replied("Hold it.")).adopted(1) == "Press it."

    @pytest.mark.parametrize("number", [1, 2, 9])
    def test_no_word_of_a_customer_or_of_the_desk_is_taken(self, number: int) -> None:
        said = (asked("Press it."), (Source.AUTOMATIC, "It is free."), replied("Hold it."))

        with pytest.raises(InvalidReplyError, match="in this ticket are: 3"):
            Scene(*said).lead().plan(TICKET, number)

    def test_greeting_signature_and_quotes_are_left_out(self) -> None:
        text = "Hello Kim,\n\nhold it until it blinks.\n\nBest regards\nAda\n\n> it is broken\n"

        assert Scene(asked("it is broken"), replied(text)).adopted() == "hold it until it blinks."

    def test_a_ticket_without_one_is_refused(self) -> None:
        with pytest.raises(InvalidReplyError, match="are: none"):
            Scene(asked("Help!")).lead().plan(TICKET)
        with pytest.raises(NotFoundError):
            Scene(replied("Hold it.")).lead().plan("f" * 16)


class TestMasking:
    @pytest.mark.parametrize(
        ("said", "kept"),
        [
            ("Hold it, kim.", "Hold it, <name>."),
            ("Hold it, KIM OKAFOR.", "Hold it, <name>."),
            ("We see C-77 here.", "We see <reference> here."),
            ("We wrote to kim@x.example again.", "We wrote to <email> again."),
            ("We wrote to lee@x.example again.", "We wrote to <email> again."),
            ("Your order 12-345 is packed.", "Your order <order_number> is packed."),
            ("We send it to berlin again.", "We send it to <place> again."),
            ("Call 030 1234567 again.", "Call <number> again."),
        ],
    )
    def test_what_the_ticket_names_is_masked(self, said: str, kept: str) -> None:
        understanding = an_understanding(
            ("refund", 0.9),
            entities=(
                Entity("order_number", "12345", 0, 1, "12-345"),
                Entity("place", "Berlin", 0, 1, "Berlin"),
                Entity("product", "lamp", 0, 1, "lamp"),
            ),
        )
        scene = Scene(replied(f"Hold the lamp. {said}"), understanding=understanding)

        assert scene.adopted() == f"Hold the lamp. {kept}"

    def test_a_sentence_with_something_masked_is_no_passage(self) -> None:
        plan = Scene(replied("Hold the lamp. We wrote to you, Kim.")).lead().plan(TICKET)

        assert [each.text for each in plan.cut.passages] == ["Hold the lamp."]
        assert [each.what for each in plan.cut.dropped] == ["<name>"]

    def test_a_part_of_a_word_is_no_name(self) -> None:
        kept = Scene(replied("Kimonos are skimmed."), customer=Customer(name="Kim")).adopted()

        assert kept == "Kimonos are skimmed."

    def test_a_word_that_may_be_a_name_must_be_called_harmless(self) -> None:
        scene = Scene(replied("Hold it. Then ask Mr Miller about the Lumen lamp."))

        with pytest.raises(InvalidReplyError, match="lumen, miller, mr;"):
            scene.lead().plan(TICKET)
        with pytest.raises(InvalidReplyError, match="person: miller;"):
            scene.lead().plan(TICKET, harmless=["Lumen", "mr"])
        assert scene.adopted(None, "lumen", "mr", "miller")

    def test_a_name_that_begins_a_sentence_is_known_from_the_customer(self) -> None:
        scene = Scene(asked("My neighbour Okonkwo took it."), replied("Hold it. Okonkwo may too."))

        with pytest.raises(InvalidReplyError, match="okonkwo"):
            scene.lead().plan(TICKET)

    def test_words_of_articles_and_abbreviations_are_no_names(self) -> None:
        said = replied("Then I press Returns on the DHL page, and I'm done. Press it: Please wait.")

        assert Scene(said).adopted()

    def test_what_is_longer_than_what_is_masked_is_refused(self) -> None:
        with pytest.raises(InvalidReplyError, match="2,001 characters"):
            Scene(replied("a" * (masking.LONGEST + 1))).lead().plan(TICKET)

    def test_a_reply_of_amounts_and_dates_alone_is_refused(self) -> None:
        with pytest.raises(InvalidReplyError, match="no sentence without"):
            Scene(replied("You get 20 euros. It takes a week.")).lead().plan(TICKET)


class TestKeeping:
    def test_it_is_kept_as_long_as_its_ticket_and_says_who_let_it(self) -> None:
        scene = Scene(replied("Hold it."))
        scene.adopted()

        (reply,) = scene.shelf.replies()
        assert (reply.by, reply.at, reply.version) == ("lena", MORNING, 1)
        assert reply.expires_at == scene.ticket.expires_at
        assert scene.shelf.kept[TICKET].expires_at == scene.ticket.expires_at

    def test_it_is_about_its_article_or_its_category(self) -> None:
        understanding = an_understanding(("refund", 0.9))
        known = Scene(replied("Hold it."), understanding=understanding)
        other = Scene(replied("Hold it."), understanding=None, category="LAMPS")

        assert known.lead().plan(TICKET).reply.title == "Money back"
        assert other.lead().plan(TICKET).reply.title == "LAMPS"

    def test_adopting_again_replaces_it_in_a_later_version(self) -> None:
        scene = Scene(replied("Hold it."), replied("Press it."))
        for number in (2, 1, 2):
            scene.adopted(number)

        assert [(each.message, each.version) for each in scene.shelf.replies()] == [(1, 2), (2, 3)]

    def test_versions_go_on_after_a_reply_was_dropped(self) -> None:
        scene = Scene(replied("Hold it."))
        scene.adopted()
        assert [each.text for each in scene.lead().drop(TICKET)] == ["Hold it."]
        assert scene.shelf.replies() == ()
        scene.adopted()

        assert [each.version for each in scene.shelf.replies()] == [3]

    def test_one_of_several_is_dropped(self) -> None:
        scene = Scene(replied("Hold it."), replied("Press it."))
        scene.adopted(1)
        scene.adopted(2)

        scene.lead().drop(TICKET, 1)

        assert [each.message for each in scene.shelf.replies()] == [2]
        with pytest.raises(NotFoundError):
            scene.lead().drop(TICKET, 1)

    def test_a_ticket_that_is_gone_meanwhile_keeps_nothing(self) -> None:
        scene = Scene(replied("Hold it."))
        plan = scene.lead().plan(TICKET)
        scene.shelf.gone.add(TICKET)

        with pytest.raises(ConflictError):
            scene.lead().carry_out(plan)

    def test_a_ticket_that_expired_gives_no_passage(self) -> None:
        scene = Scene(replied("Hold it."))
        scene.ticket = replace(scene.ticket, expires_at=MORNING - timedelta(seconds=1))

        with pytest.raises(InvalidReplyError):
            scene.lead().plan(TICKET)

    def test_only_leads_may(self) -> None:
        scene = Scene(replied("Hold it."))
        plan = scene.lead().plan(TICKET)
        at = scene.lead(ADA)

        for call in (lambda: at.plan(TICKET), lambda: at.carry_out(plan), lambda: at.drop(TICKET)):
            with pytest.raises(NotAllowedError):
                call()
