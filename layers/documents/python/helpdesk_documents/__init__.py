"""Text from the files that customers send, for agents and for search.

    read_in_child   `isolation`    a file in a process of its own, with limits: what functions call
    extract         `extraction`   the same in this process: what the child calls

Of the desk it knows why a file has no text (`helpdesk.unread`) and what mails and pages are made of
(`helpdesk.mime`), and nothing else. Each kind of file has a module; `result` says what comes out,
`bounds` how much of a file is read.
"""
