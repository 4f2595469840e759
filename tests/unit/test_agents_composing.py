"""What a reply is made from: suggestions, canned replies, and what placeholders stand for."""

from dataclasses import replace
from typing import Any

import pytest
from helpdesk.agents import PlaceholderError, Suggestion, composing
from helpdesk.ticket import Conversation, Customer, Message, Source
from helpdesk.triage import Entity

from tests.fakes import ADA, MORNING, InMemoryArticles, an_article, an_understanding
from tests.tickets import claimed

ARTICLES = InMemoryArticles(*(an_article(name, version=2) for name in ("one", "two", "three")))


def conversation(*ranking: tuple[str, float], said: str = "Hello?") -> Conversation:
    message = Message(number=1, source=Source.CUSTOMER, text=said, at=MORNING)
    understood = an_understanding(*ranking) if ranking else None
    return Conversation(replace(claimed(), understanding=understood), (message,))


def suggested(*ranking: tuple[str, float], said: str = "Hello?") -> list[str]:
    found = composing.suggestions(conversation(*ranking, said=said), ARTICLES, MORNING)
    return [each.intent for each in found]


class TestSuggestions:
    def test_a_suggestion_names_the_knowledge_it_is_from(self) -> None:
        ARTICLES.put(an_article("four", answer=" Four. \n", version=7, title="Number four"))

        (found,) = composing.suggestions(conversation(("four", 0.4)), ARTICLES, MORNING)

        assert found == Suggestion(
            intent="four", title="Number four", version=7, probability=0.4, text="Four."
        )

    def test_the_three_most_probable_are_suggested_each_at_least_one_in_ten(self) -> None:
        assert suggested(("one", 0.4), ("two", 0.1), ("three", 0.09)) == ["one", "two"]
        ranking = (("gone", 0.3), ("one", 0.25), ("two", 0.2), ("three", 0.2))
        assert suggested(*ranking) == ["one", "two"]
        assert suggested(("one", 0.3), ("two", 0.25), ("three", 0.2)) == ["one", "two", "three"]

    def test_what_was_said_already_is_not_suggested(self) -> None:
        said = an_article("one").answer

        assert suggested(("one", 0.4), ("two", 0.3), said=said) == ["two"]

    def test_nothing_is_suggested_for_what_was_not_understood(self) -> None:
        assert suggested() == []


class TestPlaceholders:
    def facts(self, **customer: Any) -> dict[str, str]:
        understood = an_understanding(entities=(Entity("order_number", "12345", 0, 5),))
        of = replace(
            claimed(),
            customer=Customer(**customer),
            department="orders",
            understanding=understood,
        )
        return composing.facts(of, ADA)

    def test_they_stand_for_what_is_known_and_no_more(self) -> None:
        assert self.facts(name="Kim", email="kim@example.com", reference="C-17") == {
            "agent": "ada",
            "ticket": "1" * 16,
            "name": "Kim",
            "email": "kim@example.com",
            "reference": "C-17",
            "department": "orders",
            "order_number": "12345",
        }
        assert self.facts().keys() == {"agent", "ticket", "department", "order_number"}

    def test_a_ticket_that_was_not_understood_has_no_entities(self) -> None:
        found = composing.facts(replace(claimed(), understanding=None), ADA)

        assert found.keys() == {"agent", "ticket", "email"}

    @pytest.mark.parametrize(("known", "told"), [({}, "nothing"), ({"b": "2", "a": "1"}, "a, b")])
    def test_one_left_open_is_named_with_what_could_be_filled_in(
        self, known: dict[str, str], told: str
    ) -> None:
        with pytest.raises(PlaceholderError) as caught:
            composing.check_filled("Dear {name}, {other}", ["{name}, {other}"], known)

        assert str(caught.value) == f"fill in {{name}} first; known here: {told}"

    @pytest.mark.parametrize("text", ["use {id} in the address", "Dear {agent},", "{{ phone }}"])
    def test_what_no_template_left_open_is_text(self, text: str) -> None:
        composing.check_filled(
            text, ["Dear {name}, yours, {agent}"], {"name": "{agent}", "agent": "ada"}
        )


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("a\u202eb\u202c \u2066c\u2069\x1b[31m\x00", "ab c[31m"),
        ("line\n\ttab", "line\n\ttab"),
        (
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 \U0001f469\u200d\U0001f4bb \u200e",
            None,
        ),
    ],
)
def test_a_reply_does_not_steer_the_customers_screen(text: str, seen: str | None) -> None:
    assert composing.harmless(text) == (text if seen is None else seen)
