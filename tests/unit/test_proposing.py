"""The first draft of a ticket that people get: what it is made of, and when there is none."""

from datetime import timedelta

import pytest
from helpdesk import processing, redrafting, ticket
from helpdesk.drafting import EXTRACTIVE, Draft, Part
from helpdesk.evidence import Origin, Passage
from helpdesk.knowledge import Link
from helpdesk.processing import Outcome
from helpdesk.proposing import OWN_WORDS, Proposer
from helpdesk.ticket import Customer, Fate, State
from helpdesk.triage import Escalate, Reason

from tests.engines import Scripted
from tests.evidence import InMemoryEvidence
from tests.fakes import KNOWN, Office, an_article, an_understanding
from tests.unit.test_redrafting import Shelf

REVIEWED = "please send my invoice"
UNCLEAR = "the warranty of my lamp"
INVOICE = "Open the order and choose Invoice. You can print it or save it."
WARRANTY = Passage(
    id="document:terms:1",
    origin=Origin.DOCUMENT,
    version=2,
    title="warranty",
    text="Lamps have a warranty of two years.",
)


@pytest.fixture
def office() -> Office:
    found = Office.open()
    found.articles.put(an_article("invoice", answer=INVOICE, review=True))
    found.understander.script[REVIEWED] = an_understanding(("invoice", 0.7))
    found.understander.script[UNCLEAR] = an_understanding(("refund", 0.1))
    found.evidence = InMemoryEvidence(found.articles, (WARRANTY,))
    return found


def asked(office: Office, text: str) -> ticket.Ticket:
    office.submit(text)
    office.work_off()
    return next(iter(office.tickets.listed(ticket.Listing.ESCALATED)))


class TestWritten:
    def test_an_article_that_is_reviewed_is_a_draft_as_a_whole(self, office: Office) -> None:
        found = asked(office, REVIEWED)

        assert (found.state, found.reason) == (State.ESCALATED, Reason.REVIEW)
        draft = office.tickets.draft(found.id, found.draft.number if found.draft else 0)
        assert draft
        assert INVOICE in draft.text
        assert (draft.engine, draft.basis, draft.faults) == (EXTRACTIVE, 1, ())
        assert [(each.id, each.score) for each in draft.evidence] == [("article:invoice", 0.7)]

    def test_its_customer_does_not_read_it(self, office: Office) -> None:
        found = asked(office, REVIEWED)

        assert all(INVOICE not in text for text in office.texts(found.id))

    def test_what_the_desk_may_not_answer_has_a_draft_of_what_speaks_to_it(
        self, office: Office
    ) -> None:
        found = asked(office, UNCLEAR)

        draft = office.tickets.draft(found.id, found.draft.number if found.draft else 0)
        assert draft
        assert WARRANTY.text in draft.text
        assert draft.parts[1].rests_on == (1,)

    def test_an_agent_approves_it_and_the_customer_has_it(self, office: Office) -> None:
        from helpdesk.agents import approve

        found = asked(office, REVIEWED)
        assert found.draft

        after = approve(office.at_work(), found.id, found.draft.number)

        assert after.state is State.ANSWERED
        assert after.draft
        assert after.draft.fate is Fate.USED
        assert INVOICE in office.texts(found.id)[-1]

    def test_all_that_was_said_since_the_last_reply_is_one_turn(self, office: Office) -> None:
        receipt = office.submit("Hello,")
        office.follow_up(receipt, UNCLEAR)
        office.work_off()

        assert office.ticket(receipt.ticket_id).in_review

    def test_a_customer_is_greeted_by_name_and_the_draft_is_ready(self, office: Office) -> None:
        office.submit(REVIEWED, customer=Customer(email="ada@example.com", name="Ada Lovelace"))
        office.work_off()
        (found,) = office.tickets.listed(ticket.Listing.ESCALATED)
        draft = office.tickets.draft(found.id, found.draft.number if found.draft else 0)

        assert draft
        assert draft.text.startswith("Hello Ada Lovelace,")
        assert (draft.ready, draft.faults) == (True, ())

    def test_the_links_of_an_article_stand_below_what_rests_on_it(self, office: Office) -> None:
        link = Link(title="Your invoices", url="https://shop.example/invoices")
        office.articles.put(an_article("invoice", answer=INVOICE, review=True, links=(link,)))
        found = asked(office, REVIEWED)
        draft = office.tickets.draft(found.id, found.draft.number if found.draft else 0)

        assert draft
        assert "Your invoices: https://shop.example/invoices" in draft.parts[1].text
        assert draft.ready

    def test_an_engine_writes_in_its_place_though_the_customer_was_told_that_a_person_has_it(
        self, office: Office
    ) -> None:
        found = asked(office, REVIEWED)
        first = office.tickets.draft(found.id, found.draft.number if found.draft else 0)
        assert first
        assert found.messages == first.basis + 1
        engine = Scripted([[Part(text=INVOICE, rests_on=(1,))]])

        result = redrafting.redraft(
            found.id,
            tickets=office.tickets,
            shelf=Shelf({each.id: each for each in passages(first)}),
            engine=engine,
            last=True,
            now=office.clock(),
        )

        assert result.outcome is redrafting.Outcome.DRAFTED
        after = office.ticket(found.id)
        assert after.draft
        assert after.draft.engine == engine.name


def passages(draft: Draft) -> list[Passage]:
    """Return the passages that a draft rests on, as they were."""
    return [
        Passage(
            id=each.id, origin=each.origin, version=each.version, title=each.title, text=each.quote
        )
        for each in draft.evidence
    ]


class TestNotWritten:
    @pytest.mark.parametrize("reason", sorted(OWN_WORDS))
    def test_what_sounds_like_danger_or_the_law_has_none(
        self, office: Office, reason: Reason
    ) -> None:
        receipt = office.submit(UNCLEAR)
        conversation = office.tickets.conversation(receipt.ticket_id)
        assert conversation
        assert office.evidence
        proposer = Proposer(office.evidence, office.articles, office.clock)

        assert proposer(conversation, an_understanding(("refund", 0.1)), Escalate(reason)) is None
        other = Escalate(Reason.LOW_CONFIDENCE)
        assert proposer(conversation, an_understanding(("refund", 0.1)), other)

    def test_without_evidence_there_is_none(self, office: Office) -> None:
        assert asked(office, "Would you sponsor our team?").draft is None

    def test_what_the_customer_has_read_already_is_no_draft(self, office: Office) -> None:
        receipt = office.submit(KNOWN)
        office.work_off()
        office.follow_up(receipt, KNOWN)
        office.work_off()

        found = office.ticket(receipt.ticket_id)
        assert (found.reason, found.draft) == (Reason.REPEATED, None)

    def test_the_acknowledgement_is_no_draft_of_its_own(self, office: Office) -> None:
        office.articles.put(an_article("speak_to_human", needs_person=True, answer="One moment."))
        office.understander.script["a person please"] = an_understanding(("speak_to_human", 0.9))

        assert asked(office, "a person please").draft is None


class TestQueue:
    def test_a_ticket_with_a_draft_goes_on_the_queue_of_the_engine(self, office: Office) -> None:
        drafts = type(office.intake)(office.clock)
        for text in (REVIEWED, "Would you sponsor our team?"):
            receipt = office.submit(text)
            outcome, _ = processing.process(
                receipt.ticket_id,
                tickets=office.tickets,
                articles=office.articles,
                texts=office.desk_texts,
                understander=office.understander,
                escalations=office.escalations,
                policy=office.policy,
                clock=office.clock,
                propose=office.propose,
                drafts=drafts,
            )
            assert outcome is Outcome.ESCALATED

        assert drafts.depth() == 1
        assert drafts.receive(timedelta(minutes=1))
