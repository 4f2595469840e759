"""How much of a file is read, and at what cost: the numbers that every reader keeps to."""

FILE = 20_000_000
"""Bytes of a file. A larger one is not opened."""

UNPACKED = 32 * 2**20
"""Bytes that all read members of a packed document may have."""

CHARACTERS = 1_000_000
ROWS = 20_000
DEPTH = 256
"""Elements of a document inside one another."""

PAGES = 50
PIXELS = 40_000_000
FRAMES = 10
"""Pages of one picture file."""

SCANNED_PAGES = 5
"""Pages of a PDF file without text that are recognised."""

SCANNED_LETTERS = 20
"""Letters and digits below which a PDF file is taken for a scan."""

RECOGNISING = 8
"""Seconds of computing after which no further page is recognised, and none in another turn."""

DPI = 180
"""How fine a page is drawn for recognition."""

MAIL_DEPTH = 2
"""Mails inside a mail whose text is read."""
