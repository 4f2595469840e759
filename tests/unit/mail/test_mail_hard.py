"""Hard mails: charsets, broken headers, files, structures, and what programs write."""

import pytest
from helpdesk.mail import read

from tests.mails import HARD, Hard


def test_there_are_many_and_no_two_are_named_alike() -> None:
    assert len({each.id for each in HARD}) == len(HARD) >= 120


@pytest.mark.parametrize("hard", HARD, ids=lambda hard: hard.id)
def test_a_hard_mail_is_read(hard: Hard) -> None:
    """M15; what becomes of them at the desk is in test_mail_rows."""
    mail = read(hard.raw)

    assert (mail.sender.address if mail.sender else None) == hard.sender
    if hard.text is not None:
        assert mail.text == hard.text
    if hard.subject is not None:
        assert mail.subject == hard.subject
    if hard.name is not None and mail.sender:
        assert mail.sender.name == hard.name
    if hard.names is not None:
        assert tuple(each.name for each in mail.attachments) == hard.names
    if hard.faults:
        assert {fault.kind for fault in mail.faults} == set(hard.faults)
    else:
        assert not [fault for fault in mail.faults if fault.kind != "no_sender"]
    for name, value in hard.more.items():
        assert getattr(mail, name) == value
