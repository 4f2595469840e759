"""Text of customers, made harmless before it reaches a terminal."""


def printable(text: str) -> str:
    """Return text in which every character that would steer a terminal is visible.

    Terminals obey escape sequences, and marks of direction change the order in which text appears.
    A customer's text must do neither on an agent's screen.
    """
    return "".join(c if c in "\n\t" or is_harmless(c) else _visible(c) for c in text)


def one_line(text: str) -> str:
    """Return text made harmless, with its line breaks and tabs as blanks."""
    return printable(text).replace("\n", " ").replace("\t", " ")


def paragraph(text: str) -> str:
    """Return text of several lines made harmless, without blank lines at its end."""
    return printable(text).rstrip().expandtabs(4)


def _visible(character: str) -> str:
    number = ord(character)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"


def is_harmless(character: str) -> bool:
    """Tell whether a character steers no terminal.

    Scripts and emoji need some spaces and joiners that Python calls unprintable.
    """
    return character.isprintable() or character in "\u00a0\u200c\u200d\u202f\u3000"
