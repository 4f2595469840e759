"""What the desk can answer, and the messages by which that is judged. Pure.

article     one answer for one intent, with the utterances that mean it
golden      a labelled message of the golden set
translating an article in another language, bound to the text that it translates
looking_up  answers that tell what the shop knows of a customer's order
facts       what the desk says of itself once, and the variables in answers that stand for it
sending     an article as a customer gets it
edition     a whole knowledge: articles, golden set, and the intents that are not for the desk
text        what the desk says beside its articles
"""

from helpdesk.knowledge.article import (
    Article,
    InvalidArticleError,
    Link,
    Priority,
    Variant,
    check_articles,
)
from helpdesk.knowledge.edition import Amendment, Edition, Retired, taught
from helpdesk.knowledge.facts import (
    Facts,
    InvalidFactError,
    UndefinedFactError,
    check_facts,
    check_nested,
    check_variables,
    filled,
    naming,
    reached,
    said_on,
    variables,
)
from helpdesk.knowledge.golden import Golden, InvalidCaseError, check_cases
from helpdesk.knowledge.looking_up import CERTAIN, SLOTS, Lookup, StatusAnswer
from helpdesk.knowledge.sending import as_sent
from helpdesk.knowledge.text import ANY_LANGUAGE, InvalidTextError, Text, shipped

__all__ = [
    "ANY_LANGUAGE",
    "CERTAIN",
    "SLOTS",
    "Amendment",
    "Article",
    "Edition",
    "Facts",
    "Golden",
    "InvalidArticleError",
    "InvalidCaseError",
    "InvalidFactError",
    "InvalidTextError",
    "Link",
    "Lookup",
    "Priority",
    "Retired",
    "StatusAnswer",
    "Text",
    "UndefinedFactError",
    "Variant",
    "as_sent",
    "check_articles",
    "check_cases",
    "check_facts",
    "check_nested",
    "check_variables",
    "filled",
    "naming",
    "reached",
    "said_on",
    "shipped",
    "taught",
    "variables",
]
