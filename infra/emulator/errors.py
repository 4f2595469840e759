"""What callers of the emulator have to catch."""


class EmulatorError(Exception):
    """Something the person at the keyboard has to know or do; the text says what."""
