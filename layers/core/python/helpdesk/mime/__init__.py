"""What mails and pages are made of, taken apart: bytes to text, headers, parts, HTML. Pure.

Any bytes give a text. Nothing here knows who wrote to whom, and nothing is loaded that a part is
not asked for: the reader of customers' files takes from here too, in a process of its own.

    charsets    bytes to text
    markup      HTML as text
    headers     headers, encoded words, parameters, message ids
    mending     the head of a mail that a program broke
    structure   a mail as parts
    model       a file in a mail, and what could not be read
    bodies      the text and the files of the parts
"""
