"""What ships beside the code: a line for each word, message or pair."""

from importlib.resources import files


def lines(name: str) -> list[str]:
    """Return the lines of a file of this package. Raises FileNotFoundError."""
    return files(__package__).joinpath(name).read_text("utf-8").splitlines()
