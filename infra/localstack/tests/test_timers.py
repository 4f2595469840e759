"""Timers on one thread: each fires once, in its own time, unless it was cancelled."""

from __future__ import annotations

import threading
import time

from running import eventually

from helpdesk_localstack.timers import Timer


def test_they_fire_in_their_order() -> None:
    fired: list[int] = []
    for number in (3, 1, 2):
        Timer(number / 10, lambda number=number: fired.append(number)).start()
    eventually(lambda: len(fired) == 3)
    assert fired == [1, 2, 3]


def test_a_cancelled_one_never_fires() -> None:
    fired: list[str] = []
    cancelled, kept = (Timer(0.1, lambda name=name: fired.append(name)) for name in "ck")
    cancelled.start()
    kept.start()
    cancelled.cancel()
    eventually(lambda: fired)
    time.sleep(0.1)
    assert fired == ["k"]


def test_one_that_was_never_started_can_be_cancelled() -> None:
    Timer(0, lambda: None).cancel()


def test_a_thousand_of_them_need_one_thread() -> None:
    Timer(60, lambda: None).start()
    before = threading.active_count()
    timers = [Timer(60, lambda: None) for _ in range(1_000)]
    for timer in timers:
        timer.start()
    assert threading.active_count() == before
    for timer in timers:
        timer.cancel()


def test_one_that_takes_long_does_not_hold_up_the_next() -> None:
    ended, fired = threading.Event(), threading.Event()
    Timer(0.01, lambda: ended.wait(5)).start()
    Timer(0.02, fired.set).start()
    assert fired.wait(5)
    ended.set()
