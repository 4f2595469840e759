"""Pictures as plain values: what stands where. Pages draw them, and none computes.

scales   numbers to places
marks    what a picture is made of
charts   columns, lines, rows and curves

They are 320 units wide and are never shown narrower, so a letter is at least as large as it says.
"""

from agent_cli.pictures.marks import WIDTH, Mark, Picture

__all__ = ["WIDTH", "Mark", "Picture"]
