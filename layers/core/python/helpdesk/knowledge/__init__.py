"""What the desk can answer, and the messages by which that is judged. Pure.

article     one answer for one intent, with the utterances that mean it
golden      a labelled message of the golden set
edition     a whole knowledge: articles, golden set, and the intents that are not for the desk
"""

from helpdesk.knowledge.article import Article, InvalidArticleError, Priority, check_articles
from helpdesk.knowledge.edition import Edition, Retired, taught
from helpdesk.knowledge.golden import Golden, InvalidCaseError, check_cases

__all__ = [
    "Article",
    "Edition",
    "Golden",
    "InvalidArticleError",
    "InvalidCaseError",
    "Priority",
    "Retired",
    "check_articles",
    "check_cases",
    "taught",
]
