"""Where the adapters meet: the one package that imports both `aws` and `understanding`.

Functions, the terminal and every other door ask it for what they need. Nothing in the package
imports it.

    parts      the adapters over a stack's tables, bucket and queues
    channels   where leads are told; only the courier imports it
    engine     the same, with the engine that writes drafts; only the drafter imports it
    folder     the same, with a folder that is read by IMAP; only its reader imports it
    language   the same, with the parts that need the language layer; only their users import it
"""

from helpdesk.composition.parts import Missing, Parts, ResourceError, Resources

__all__ = ["Missing", "Parts", "ResourceError", "Resources"]
