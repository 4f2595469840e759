"""Answers that tell a customer's own order: slots, facts beside them, and what is refused."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from helpdesk.knowledge import (
    Article,
    Facts,
    InvalidArticleError,
    Link,
    Lookup,
    StatusAnswer,
    UndefinedFactError,
    as_sent,
    check_variables,
    naming,
)
from helpdesk.linting import Knowledge, lint

from agent_cli import articles
from tests.fakes import an_article

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def tracking(*answers: tuple[str, str], **changes: Any) -> Article:
    states = tuple(StatusAnswer(status=status, answer=text) for status, text in answers)
    return replace(an_article("track_order", needs=Lookup.ORDER, by_status=states), **changes)


SHIPPED = ("shipped", "Order {number} is with { carrier }. It takes {delivery}.")


def test_an_answer_is_filled_where_every_slot_is() -> None:
    answer = StatusAnswer(status="shipped", answer="{number}: {carrier}, {number}")

    assert answer.told({"number": "1", "carrier": "Redpost"}) == "1: Redpost, 1"
    assert answer.slots == {"number", "carrier"}


@pytest.mark.parametrize("values", [{"number": "1"}, {"number": "1", "carrier": ""}, {}])
def test_an_answer_with_an_empty_slot_is_none(values: dict[str, str]) -> None:
    assert StatusAnswer(status="shipped", answer="{number} {carrier}").told(values) is None


def test_what_an_order_says_is_not_read_as_a_slot_or_fact() -> None:
    answer = StatusAnswer(status="shipped", answer="{items} {number}")

    assert answer.told({"items": "{number} {delivery}", "number": "1"}) == "{number} {delivery} 1"


def test_facts_stand_in_an_answer_for_a_status_and_slots_stay() -> None:
    article = tracking(SHIPPED, links=(Link(title="Orders", url="https://shop.example/o"),))
    sent = as_sent(article, lambda _: Facts(values={"delivery": "3 days"}), NOW)

    assert sent
    assert sent.by_status[0].told({"number": "1", "carrier": "Redpost"}) == (
        "Order 1 is with Redpost. It takes 3 days.\nOrders: https://shop.example/o"
    )


def test_an_article_with_a_missing_fact_in_a_status_is_not_sent() -> None:
    assert as_sent(tracking(SHIPPED), lambda _: Facts(), NOW) is None


@pytest.mark.parametrize("text", ["Order {order}.", "{Number} of yours"])
def test_an_unknown_slot_is_refused(text: str) -> None:
    with pytest.raises(UndefinedFactError, match="track_order: there is no fact"):
        check_variables((tracking(("shipped", text)),), {})


def test_a_slot_in_the_general_answer_is_refused() -> None:
    with pytest.raises(UndefinedFactError):
        check_variables((replace(tracking(SHIPPED), answer="Order {number}."),), {"delivery": "1"})


def test_a_fact_that_a_status_uses_is_found() -> None:
    assert naming([tracking(SHIPPED)], "delivery", {}) == ("track_order",)


@pytest.mark.parametrize(
    "changes",
    [
        {"needs": None},
        {"by_status": ()},
        {"by_status": (StatusAnswer(status="Shipped!", answer="Yes"),)},
        {"by_status": (StatusAnswer(status="shipped", answer=" "),)},
        {"by_status": (StatusAnswer(status="shipped", answer="{{number}}"),)},
        {"answer": ""},
    ],
)
def test_a_faulty_lookup_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidArticleError, match="track_order"):
        tracking(SHIPPED, **changes)


def test_leads_edit_and_exchange_it() -> None:
    article = tracking(SHIPPED, ("placed", "We have {number}."))

    assert articles.from_yaml(articles.as_yaml(article), automatic=True).article == article


@pytest.mark.parametrize("form", articles.FORMATS)
def test_it_is_written_and_read_in_every_format(form: str, tmp_path: Path) -> None:
    path = tmp_path / f"articles.{form}"
    article = tracking(SHIPPED)
    path.write_text(articles.write([article], form))

    assert articles.read([path]).articles == (article,)


def test_a_status_without_a_certain_answer_is_linted() -> None:
    article = tracking(SHIPPED, ("placed", "{number} {expected}"), ("placed", "We have {number}."))
    found = lint(Knowledge(articles=(article,), today=date(2026, 3, 2)), ["states"])

    assert [(each.article, each.text) for each in found] == [("track_order", "shipped")]
