"""All that the browsers of the suite sent: no secret and no text of a customer is in an address.

This module comes last, whatever the order of the others.
"""

import re
from urllib.parse import unquote_plus, urlsplit

import pytest

from tests.browser.wire import Wire

ENTRY = re.compile(r"/\?key=([\w-]+)$")
"""How the address of a console's link ends: the one secret that is in an address, for one use."""


@pytest.fixture
def sent(wire: Wire) -> Wire:
    if len(wire.arrived) < 100:
        pytest.skip("it looks back at the other tests; run them with it")
    return wire


def test_no_secret_and_no_text_is_in_an_address(sent: Wire) -> None:
    addresses = {unquote_plus(each.target) for each in sent.arrived}
    addresses |= {unquote_plus(each.partition("#")[0]) for each in sent.addresses}

    assert sent.secrets
    assert not [each for each in addresses for secret in sent.secrets if secret in each]


def test_no_secret_and_no_text_is_in_a_referer(sent: Wire) -> None:
    referers = {unquote_plus(each.headers.get("referer", "")) for each in sent.arrived}

    assert len(referers) > 1, "the console's own pages send one to the console"
    assert not [each for each in referers for secret in sent.secrets if secret in each]


def test_no_page_of_another_origin_learns_where_the_agent_was(sent: Wire) -> None:
    """The console's addresses name tickets, and one of them has its key: they stay with it."""
    consoles = {urlsplit(each).netloc for each in sent.addresses if ENTRY.search(each)}
    foreign = {
        (referer, each.to)
        for each in sent.arrived
        if (referer := each.headers.get("referer")) and urlsplit(referer).netloc != each.to
    }

    assert consoles
    assert not [each for each in foreign if urlsplit(each[0]).netloc in consoles]


def test_the_search_would_find_one(sent: Wire) -> None:
    """The key of a link is in an address, and forms are known to have sent the texts."""
    assert any(ENTRY.search(each.target) for each in sent.arrived)
    assert any(each.method == "POST" for each in sent.arrived)
