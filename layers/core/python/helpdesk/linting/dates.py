"""Rules about the dates of articles."""

from collections.abc import Iterator

from helpdesk.linting.checking import Found, Knowledge


def review_due(knowledge: Knowledge) -> Iterator[Found]:
    """Yield articles whose day of review has come."""
    for article in knowledge.articles:
        if article.review_on and article.review_on <= knowledge.today:
            yield article.intent, f"review on {article.review_on}, owner: {article.owner or 'none'}"


def ended(knowledge: Knowledge) -> Iterator[Found]:
    """Yield articles whose last day is over."""
    for article in knowledge.articles:
        if article.valid_until and article.valid_until < knowledge.today:
            yield article.intent, f"valid until {article.valid_until}"
