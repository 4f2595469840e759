"""What leads do to the knowledge. Every version is kept.

leads       who may
stating     the desk's facts: set, remove
editing     one article: add, edit, remove, roll back; and importing several
replacing   all articles with their golden set at once, in one step that can be undone
texting     what customers get beside articles
documenting documents that drafts may quote: import, forget
"""

from helpdesk.curation.documenting import DocumentShelf, Imported, Importing, Librarian
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
    "DocumentShelf",
    "EditionRecord",
    "Editions",
    "Imported",
    "Importing",
    "InForce",
    "KnowledgeBase",
    "Librarian",
    "Plan",
    "Replacement",
    "Replacer",
    "Revision",
    "Stater",
    "TextEditor",
    "TextShelf",
]
