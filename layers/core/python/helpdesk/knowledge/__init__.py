"""What the desk can answer, and the messages by which that is judged. Pure.

article     one answer for one intent, with the utterances that mean it
golden      a labelled message of the golden set
edition     a whole knowledge: articles, golden set, and the intents that are not for the desk
text        what the desk says beside its articles
"""

from helpdesk.knowledge.article import Article, InvalidArticleError, Priority, check_articles
from helpdesk.knowledge.edition import Edition, Retired, taught
from helpdesk.knowledge.golden import Golden, InvalidCaseError, check_cases
from helpdesk.knowledge.text import ANY_LANGUAGE, InvalidTextError, Text, shipped

__all__ = [
    "ANY_LANGUAGE",
    "Article",
    "Edition",
    "Golden",
    "InvalidArticleError",
    "InvalidCaseError",
    "InvalidTextError",
    "Priority",
    "Retired",
    "Text",
    "check_articles",
    "check_cases",
    "shipped",
    "taught",
]
