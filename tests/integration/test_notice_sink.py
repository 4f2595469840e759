"""The receiver of notices on one machine: it trusts a signature, and keeps each notice once."""

import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from helpdesk.notifying import Content, Webhook

from infra.local import mail_process
from infra.local.notice_sink import LARGEST, TOLERANCE, NoticeSink, start
from tests.fakes import MORNING

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
CONTENT = Content(ticket_id="1" * 16, why=("urgent",), priority="urgent", at=MORNING, subject="ä")


@pytest.fixture
def sink(tmp_path: Path, socket_enabled: None) -> Iterator[NoticeSink]:
    found = start(tmp_path / "notices", secret=SECRET)
    yield found
    found.shutdown()
    found.server_close()


def post(sink: NoticeSink, *secrets: str, name: str = "m-1", ago: int = 0) -> int:
    from datetime import UTC, datetime

    now = datetime.fromtimestamp(time.time() - ago, UTC)
    request = Webhook(f"http://127.0.0.1:{sink.port}/", secrets).request(
        CONTENT, message_id=name, now=now
    )
    return requests.post(
        request.url, data=request.body, headers=dict(request.headers), timeout=5
    ).status_code


def test_what_is_signed_is_kept_once_and_shown(sink: NoticeSink) -> None:
    assert [post(sink, SECRET), post(sink, SECRET), post(sink, OTHER, SECRET, name="m-2")] == [
        204,
        204,
        204,
    ]

    shown = requests.get(f"http://127.0.0.1:{sink.port}/", timeout=5).json()
    assert [each["id"] for each in shown] == ["m-2", "m-1"]
    assert shown[0]["says"]["data"]["subject"] == "ä"
    assert len(sink.came) == 3


@pytest.mark.parametrize(("secret", "ago"), [(OTHER, 0), (SECRET, TOLERANCE + 60)])
def test_what_another_secret_signs_or_is_old_is_refused(
    sink: NoticeSink, secret: str, ago: int
) -> None:
    assert post(sink, secret, ago=ago) == 401
    assert sink.files() == []


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{}", {}, 401),
        (b"{}", {"webhook-timestamp": "soon"}, 401),
        (b"x" * (LARGEST + 1), {}, 413),
    ],
)
def test_what_is_no_webhook_is_refused(
    sink: NoticeSink, body: bytes, headers: dict[str, str], status: int
) -> None:
    url = f"http://127.0.0.1:{sink.port}/"

    assert requests.post(url, data=body, headers=headers, timeout=5).status_code == status
    assert sink.files() == []


def test_without_a_secret_it_stands_for_a_chat(tmp_path: Path, socket_enabled: None) -> None:
    sink = start(tmp_path)
    url = f"http://127.0.0.1:{sink.port}/services/x"
    answers = [requests.post(url, data=body, timeout=5) for body in (b'{"text": "a"}', b"{")]
    sink.shutdown()
    sink.server_close()

    assert [each.status_code for each in answers] == [204, 400]
    assert [json.loads(each.read_text())["says"] for each in sink.files()] == [{"text": "a"}]


def test_the_run_starts_it_once_and_ends_it(tmp_path: Path, socket_enabled: None) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (tmp_path / "tmp").mkdir()
    said: list[str] = []

    def ensure() -> None:
        mail_process.ensure_notice_sink(
            tmp_path / "notices",
            secret=SECRET,
            emulator_pid=None,
            port=port,
            state=tmp_path,
            say=said.append,
        )

    try:
        ensure()
        ensure()
        assert said == [f"Notices to leads are kept in {tmp_path / 'notices'}"]
        assert requests.get(f"http://127.0.0.1:{port}/", timeout=5).json() == []
    finally:
        mail_process.stop(tmp_path)
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
