"""Files that customers send with a ticket: announced, sent by a link, read, given out by a link.

What is known of a file is in the register; the file itself is in a bucket that only links of a few
minutes open. What stands in it is read apart from all else, and a file that cannot be read is no
failure: it has a reason.

    model       what an attachment is, and its limits
    naming      names for people, for browsers, and for where files are kept
    deciding    what becomes of a file
    ports       what files need from outside
    sending     what customers do: announce, list, fetch
    asking      files that are announced with a question
    enclosing   what becomes of the files of a mail
    receiving   what the desk does with a file that arrived
    looking     what people at the desk see
    weighing    whether what a file says counts for its ticket
"""

from helpdesk.files.asking import WithFiles, asked_with
from helpdesk.files.deciding import check_released
from helpdesk.files.enclosing import Enclosed, Enclosure, enclosed, keep, missing
from helpdesk.files.looking import Held, has_text, held
from helpdesk.files.model import (
    LARGEST,
    LONGEST_LINK,
    MOST_FILES,
    MOST_TEXT,
    TYPES,
    Announcement,
    Attachment,
    ErasedFileError,
    NotReadyError,
    Reading,
    RefusedError,
    State,
    Stored,
    TooManyFilesError,
    Verdict,
    WrongFileError,
)
from helpdesk.files.naming import clean_name, disposition, folder_of, kept_at, key_of, number_said
from helpdesk.files.ports import (
    NO_FILES,
    Announcing,
    Expected,
    Files,
    Form,
    Links,
    NoFiles,
    Reader,
    Register,
    Shelf,
    Vault,
)
from helpdesk.files.receiving import Arrival, Outcome, arrivals, take_in
from helpdesk.files.sending import announce, facts_of, files_of, link_to
from helpdesk.unread import Why

__all__ = [
    "LARGEST",
    "LONGEST_LINK",
    "MOST_FILES",
    "MOST_TEXT",
    "NO_FILES",
    "TYPES",
    "Announcement",
    "Announcing",
    "Arrival",
    "Attachment",
    "Enclosed",
    "Enclosure",
    "ErasedFileError",
    "Expected",
    "Files",
    "Form",
    "Held",
    "Links",
    "NoFiles",
    "NotReadyError",
    "Outcome",
    "Reader",
    "Reading",
    "RefusedError",
    "Register",
    "Shelf",
    "State",
    "Stored",
    "TooManyFilesError",
    "Vault",
    "Verdict",
    "Why",
    "WithFiles",
    "WrongFileError",
    "announce",
    "arrivals",
    "asked_with",
    "check_released",
    "clean_name",
    "disposition",
    "enclosed",
    "facts_of",
    "files_of",
    "folder_of",
    "has_text",
    "held",
    "keep",
    "kept_at",
    "key_of",
    "link_to",
    "missing",
    "number_said",
    "take_in",
]
