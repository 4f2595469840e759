"""What callers of the emulator have to catch."""


class EmulatorError(Exception):
    """Something that the developer must know or do; the text says what."""
