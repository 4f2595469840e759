"""The part of a customer's message that speaks, without what mails carry beside it. A view.

Greetings, thanks, signatures, quotes, footers and what only points to files are left aside where
something else is said. When in doubt, words are kept. The phrases are data, in `phrases.toml` and
`mails.toml`. Reading a text takes time in proportion to its length, up to a bound.

phrases     phrases as data, and finding them among words
lines       a text as lines that can be looked at in bounded time
asides      what is left aside, by kind
quoting     quotes, forwarded mails, and the headers above them
footers     what devices, firms and lists write below a mail
signing     signatures: names and addresses, and what speaks among them
pointing    sentences that only say that something is attached
courtesy    greetings at the start, thanks and goodbyes at the end
view        what speaks, and what was left aside
"""

from helpdesk.speaking.asides import Aside, AsideKind
from helpdesk.speaking.view import Spoken, own_words, speaking

__all__ = ["Aside", "AsideKind", "Spoken", "own_words", "speaking"]
