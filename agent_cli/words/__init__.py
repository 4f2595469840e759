"""Tickets and faults in words and fields, for a terminal, a screen or a web page alike.

This package does not know how the words are shown: it does not import rich, textual or click.
"""
