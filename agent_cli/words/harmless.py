"""Text of strangers, made harmless before it reaches a terminal."""


def printable(text: str) -> str:
    """Return text with every character made visible that would steer a terminal.

    Terminals obey escape sequences, and marks of direction make text read otherwise than it is.
    What a customer wrote must do neither on an agent's screen.
    """
    return "".join(
        c if c in "\n\t" or c.isprintable() or _harmless(c) else _visible(c) for c in text
    )


def one_line(text: str) -> str:
    """Return text made harmless, with its line breaks and tabs as blanks."""
    return printable(text).replace("\n", " ").replace("\t", " ")


def paragraph(text: str) -> str:
    """Return text of several lines made harmless, without blank lines at its end."""
    return printable(text).rstrip().expandtabs(4)


def _visible(character: str) -> str:
    number = ord(character)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"


def _harmless(character: str) -> bool:
    """Spaces and joiners that scripts and emoji need, though Python calls them unprintable."""
    return character in "\u00a0\u200c\u200d\u202f\u3000"
