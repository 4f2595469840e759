"""An article as a customer gets it: in its dates, with every variable filled, with its links."""

from collections.abc import Callable, Collection
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
    if names := variables(answer):
        try:
            said = said_on(channel, facts(names).values)
            answer = filled(article, said, country).answer
        except UndefinedFactError:
            return None
    return article.saying(_with_links(answer, article))


def _with_links(answer: str, article: Article) -> str:
    if not article.links:
        return answer
    return "\n".join([answer.rstrip(), *(f"{each.title}: {each.url}" for each in article.links)])
