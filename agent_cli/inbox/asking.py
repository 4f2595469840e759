"""How the screens call the agent's workplace: in threads of their own, with refusals as text.

Moves are made one after another, in the order of the keys; looks go on beside them. A slow network
therefore delays what is shown, and never the order in which things are done.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AbstractContextManager

from helpdesk.agents import Arranger

LOOKS = 3
"""How many looks may be under way at once: the list, the ticket, and what the editor needs."""

type AtWork = Callable[[Callable[[str], None]], AbstractContextManager[Arranger]]
"""Gives the calling thread's own workplace, which tells its warnings to the given function."""

type Refused = Callable[[str], None]
"""Is told why the workplace refused a call."""


class Calls:
    """The calls of one inbox.

    `explain` turns an error into a line for people, or into None if it is not expected. `refused`
    gets such a line unless a call has a function of its own for it. `warned` gets warnings, in the
    thread of the call. `there` tells whether there are screens that an answer can be shown on.
    """

    def __init__(
        self,
        at_work: AtWork,
        explain: Callable[[Exception], str | None],
        *,
        refused: Refused,
        warned: Callable[[str], None],
        there: Callable[[], bool],
    ) -> None:
        self._at_work, self._explain = at_work, explain
        self._refused, self._warned = refused, warned
        self._moves = ThreadPoolExecutor(max_workers=1, thread_name_prefix="move")
        self._looks = ThreadPoolExecutor(max_workers=LOOKS, thread_name_prefix="look")
        self._there = there
        self.moving = 0
        """How many moves are under way or wait for their turn."""

    async def look[T](
        self, what: Callable[[Arranger], T], *, refused: Refused | None = None
    ) -> T | None:
        """Return what the workplace says; if it refuses, tell why and return None.

        Once the screens are gone, nothing is told and None is returned.
        """
        return await self._call(self._looks, what, refused)

    async def move[T](
        self, what: Callable[[Arranger], T], *, refused: Refused | None = None
    ) -> T | None:
        """Do something after every move that was asked for before; otherwise as `look`."""
        self.moving += 1
        try:
            return await self._call(self._moves, what, refused)
        finally:
            self.moving -= 1

    async def finished(self) -> None:
        """Wait until every move that was asked for is made."""
        await asyncio.get_running_loop().run_in_executor(self._moves, lambda: None)

    def end(self) -> None:
        """Take no more calls. Moves that were asked for are still made."""
        self._looks.shutdown(wait=False, cancel_futures=True)
        self._moves.shutdown(wait=False)

    async def _call[T](
        self, line: Executor, what: Callable[[Arranger], T], refused: Refused | None
    ) -> T | None:
        def call() -> T:
            with self._at_work(self._warned) as at:
                return what(at)

        try:
            said = await asyncio.get_running_loop().run_in_executor(line, call)
        except Exception as error:
            text = self._explain(error)
            if text is None:
                raise
            if self._there():
                (refused or self._refused)(text)
            return None
        return said if self._there() else None
