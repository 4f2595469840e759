"""An article as a customer gets it: in its dates, with every variable filled."""

from collections.abc import Callable, Collection
from datetime import datetime

from helpdesk.knowledge.article import Article
from helpdesk.knowledge.facts import Facts, UndefinedFactError, filled, variables


def as_sent(
    article: Article,
    facts: Callable[[Collection[str]], Facts],
    now: datetime,
) -> Article | None:
    """Return an article as a customer may get it at a moment; None if the customer may not.

    `facts` is asked only if the answer has variables, and is told their names.
    """
    if not article.valid_at(now):
        return None
    if not (names := variables(article.answer)):
        return article
    try:
        return filled(article, facts(names).values)
    except UndefinedFactError:
        return None
