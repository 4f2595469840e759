"""Where the adapters meet: the one room that knows both `aws` and `understanding`.

Functions, the terminal and every other door ask it for what they need. Nothing in the package
imports it.

    parts      the adapters over a stack's tables, bucket and queues
    language   the same, with what needs the language layer; imported by its users alone
"""

from helpdesk.composition.parts import Parts, ResourceError, Resources

__all__ = ["Parts", "ResourceError", "Resources"]
