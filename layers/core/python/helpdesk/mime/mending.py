"""The head of a mail mended where programs broke it, so that the parser reads it to its end. Pure.

At a line that is no header the parser takes the rest of the head for text, and so loses how the
content is written. Only headers that describe the content are read below such a line: who wrote a
mail, and to whom, is never told by what stands there.
"""

import re

LONGEST_HEAD = 262_144
"""Bytes of a mail in which its head is looked for."""

MOST_SEARCHED = 65_536
"""Bytes below the head in which a mark is looked for that divides the parts."""

_HEADER = re.compile(rb"From |[\x21-\x39\x3b-\x7e]*+:|[\t ]")
_OF_CONTENT = re.compile(rb"(?:content-[a-z-]{1,40}+|mime-version)[ \t]*+:", re.IGNORECASE)
_PARAMETER = re.compile(rb"[\w*-]{1,40}+=")
_DIVIDED = re.compile(
    rb"^content-type[ \t]{0,9}+:[ \t]{0,9}+multipart/[^\r\n]*+(?:\r?\n[ \t][^\r\n]*+)*+",
    re.IGNORECASE | re.MULTILINE,
)
_MARK = re.compile(
    rb"^--([\w'()+,./:=?-]{1,70}+)[ \t]{0,9}+\r?\ncontent-", re.IGNORECASE | re.MULTILINE
)

_MAY_BE_FILE = re.compile(
    rb"(?:^|(?<=\r))content-(?:disposition|type[ \t]{0,9}+:[ \t]{0,9}+(?!text/(?:plain|html)\b))",
    re.IGNORECASE | re.MULTILINE,
)


def mended(raw: bytes) -> bytes:
    """Return a mail with its head as it was meant; a sound one as it is."""
    start = raw[:LONGEST_HEAD]
    ends = [at for end in (b"\n\n", b"\n\r\n") if (at := start.find(end)) >= 0]
    if not ends:
        return raw
    stop = min(ends) + 1
    found = start[:stop]
    head = _divided(_of_headers(found), raw, stop)
    return raw if head == found else head + raw[stop:]


def _of_headers(head: bytes) -> bytes:
    """Return a head in which the lines that are no headers end it no more.

    A parameter at the start of a line goes on with the header above, and any line with a subject
    above it; other lines are left out.
    """
    lines = head.splitlines(keepends=True)
    broken = next((at for at, line in enumerate(lines) if not _HEADER.match(line)), None)
    if not broken:
        return head
    above, below = lines[:broken], lines[broken:]
    named = [line for line in below if _HEADER.match(line) and line[:1] not in b" \t"]
    if not all(map(_OF_CONTENT.match, named)):
        return head
    kept = above
    subject = next((line for line in reversed(above) if line[:1] not in b" \t"), b"")
    titled = bool(named) and subject[:8].lower() == b"subject:"
    for line in below:
        if _HEADER.match(line):
            kept.append(line)
            titled = False
        elif titled or (_PARAMETER.match(line) and kept[-1].rstrip().endswith(b";")):
            kept.append(b" " + line)
        elif not named:
            return head
    return b"".join(kept)


def _divided(head: bytes, raw: bytes, stop: int) -> bytes:
    """Return a head that names what divides the parts below `stop`, if the program forgot to.

    That is guessed for texts alone: who looks for viruses may not have found such a file.
    """
    found = _DIVIDED.search(head)
    if found is None or b"boundary" in found[0].lower():
        return head
    mark = _MARK.search(raw, stop, stop + MOST_SEARCHED)
    if mark is None or _MAY_BE_FILE.search(raw, stop):
        return head
    said = found[0].rstrip(b"; \t") + b'; boundary="' + mark[1] + b'"'
    return head[: found.start()] + said + head[found.end() :]
