"""What is said of articles in lists: how their answers go out, and what a search finds."""

from datetime import datetime

from helpdesk.knowledge import ANY_LANGUAGE, Article


def sent(article: Article, now: datetime) -> str:
    """Return how an answer goes out, as in "by itself" or "after review"."""
    if not article.valid_at(now):
        return "not today"
    if article.needs_person:
        return "and a person"
    if article.review:
        return "after review"
    return "by itself" if article.automatic else "by a person"


def public(article: Article) -> str:
    """Return the languages of a public article, each stale translation with a star."""
    if not article.public:
        return ""
    others = (
        each.language if each.is_current(article.source) else f"{each.language}*"
        for each in article.translations
    )
    return " ".join((ANY_LANGUAGE, *others))


def mentions(article: Article, text: str) -> bool:
    """Tell whether an article contains a text, in large or small letters."""
    wanted = text.casefold()
    said = (article.intent, article.title, *article.answers, *article.utterances)
    return any(wanted in each.casefold() for each in said)
