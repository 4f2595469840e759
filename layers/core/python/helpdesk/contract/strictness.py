"""How strictly requests are read."""

from pydantic import ConfigDict

STRICT = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)
"""No field more, no value of another type, and no word of the request in an error."""
