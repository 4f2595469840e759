"""What leads do to the knowledge. Every version is kept.

leads       who may
stating     the desk's facts: set, remove
editing     one article: add, edit, remove, roll back; and importing several
replacing   all articles with their golden set at once, in one step that can be undone
texting     what customers get beside articles
"""

from helpdesk.curation.editing import Curator, KnowledgeBase, Plan, Revision
from helpdesk.curation.replacing import (
    EditionRecord,
    Editions,
    InForce,
    Replacement,
    Replacer,
)
from helpdesk.curation.stating import Stater
from helpdesk.curation.texting import TextEditor, TextShelf

__all__ = [
    "Curator",
    "EditionRecord",
    "Editions",
    "InForce",
    "KnowledgeBase",
    "Plan",
    "Replacement",
    "Replacer",
    "Revision",
    "Stater",
    "TextEditor",
    "TextShelf",
]
