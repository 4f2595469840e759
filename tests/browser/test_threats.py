"""Each threat to the console, tried in a real browser. The table is in docs/web.md."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from agent_cli.web.door import ENTRY_LASTS
from tests.browser.at_work import Opened
from tests.browser.windows import REFUSED, Window


def test_the_link_opens_the_console(console: Opened, window: Callable[..., Window]) -> None:
    inside = console.let_in(window())

    assert "key" not in inside.page.url
