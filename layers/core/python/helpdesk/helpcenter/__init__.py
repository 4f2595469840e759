"""The help center: articles that everyone may read before asking, and the nearest to a few words.

showing     which articles are public, in which languages
nearest     the articles nearest to typed words, without a language model
markup      an answer as HTML
words       what the pages say beside the articles, one file for each language
writing     the list, an article and the missing page as documents
answered    counting that an article answered
"""

from helpdesk.helpcenter.answered import Answers, InvalidKeyError, answered
from helpdesk.helpcenter.nearest import Entry, index, nearest, written
from helpdesk.helpcenter.showing import HelpCenter, PublicArticle, Published, Text, shown, slug
from helpdesk.helpcenter.writing import (
    LONGEST_QUESTION,
    Place,
    article,
    listing,
    missing,
    suggestions,
)

__all__ = [
    "LONGEST_QUESTION",
    "Answers",
    "Entry",
    "HelpCenter",
    "InvalidKeyError",
    "Place",
    "PublicArticle",
    "Published",
    "Text",
    "answered",
    "article",
    "index",
    "listing",
    "missing",
    "nearest",
    "shown",
    "slug",
    "suggestions",
    "written",
]
