"""Tickets and faults in words and fields, for a terminal, a screen or a web page alike.

Nothing here knows how the words are shown: this room imports neither rich nor textual nor click.
"""
