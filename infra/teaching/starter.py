"""Which starter articles a stack gets: all of them where it knows nothing, otherwise none."""

from collections.abc import Collection, Sequence

from helpdesk.knowledge import Article


def due(
    starter: Sequence[Article], present: Collection[str], *, begun: bool
) -> tuple[Article, ...]:
    """Return the starter articles to load, in their order.

    `present` are the intents that the stack has articles for. Articles in the stack are a lead's:
    nothing is loaded beside them or over them. `begun` says that an earlier loading did not end;
    then the starter articles that are missing are still to come.
    """
    if present and not begun:
        return ()
    return tuple(article for article in starter if article.intent not in present)
