"""What leads do to the knowledge. Every version is kept.

leads       who may
stating     the desk's facts: set, remove
editing     one article: add, edit, remove, roll back; and importing several
replacing   all articles with their golden set at once, in one step that can be undone
texting     what customers get beside articles
canning     replies that agents use often
documenting documents that drafts may quote: import, forget
adopting    replies of agents that drafts may repeat: adopt, drop
"""

from helpdesk.curation.adopting import (
    Adopted,
    Adopter,
    Adoption,
    InvalidReplyError,
    ReplyShelf,
)
from helpdesk.curation.canning import CannedShelf, Canner
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
    "Adopted",
    "Adopter",
    "Adoption",
    "CannedShelf",
    "Canner",
    "Curator",
    "DocumentShelf",
    "EditionRecord",
    "Editions",
    "Imported",
    "Importing",
    "InForce",
    "InvalidReplyError",
    "KnowledgeBase",
    "Librarian",
    "Plan",
    "Replacement",
    "Replacer",
    "ReplyShelf",
    "Revision",
    "Stater",
    "TextEditor",
    "TextShelf",
]
