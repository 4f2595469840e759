"""An article as a customer gets it: in its dates, with every variable filled, with its links."""

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime

from helpdesk.knowledge.article import Article
from helpdesk.knowledge.facts import Facts, UndefinedFactError, filled, said_on, variables


def as_sent(
    article: Article,
    facts: Callable[[Collection[str]], Facts],
    now: datetime,
    country: str | None = None,
    channel: str | None = None,
) -> Article | None:
    """Return an article as a customer may get it at a moment; None if the customer may not.

    `country` is the customer's and `channel` the ticket's, if they are known. `facts` is asked only
    if the answer has variables, and is told their names.
    """
    if not article.valid_at(now):
        return None
    answer = article.answer_in(country)
    states = article.by_status
    if names := variables("\n".join((answer, *(each.readable for each in states)))):
        try:
            said = filled(article, said_on(channel, facts(names).values), country)
        except UndefinedFactError:
            return None
        answer, states = said.answer, said.by_status
    states = tuple(replace(each, answer=_with_links(each.answer, article)) for each in states)
    return replace(article, answer=_with_links(answer, article), by_status=states)


def _with_links(answer: str, article: Article) -> str:
    if not article.links:
        return answer
    return "\n".join([answer.rstrip(), *(f"{each.title}: {each.url}" for each in article.links)])
