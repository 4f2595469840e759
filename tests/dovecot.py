"""Dovecot on the loopback with one mailbox, for a test where it is installed (2.3)."""

import getpass
import grp
import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.imap_server import HOST, PASSWORD, write_identity

CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = required
ssl_cert = <{folder}/both.pem
ssl_key = <{folder}/both.pem
ssl_dh =
mail_location = maildir:{folder}/mail
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {login}
first_valid_uid = 0
first_valid_gid = 0
passdb {{
  driver = passwd-file
  args = {folder}/passwords
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
"""
START = 10
"""Seconds within which it must answer."""

type Deliver = Callable[[bytes], object]


def installed() -> bool:
    """Tell whether there is a Dovecot that reads this configuration."""
    program = shutil.which("dovecot")
    if program is None:
        return False
    asked = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    return asked.stdout.startswith("2.3.")


@contextmanager
def dovecot() -> Iterator[tuple[str, Deliver, Callable[[], None]]]:
    """Yield the address of a running server, what delivers a mail, what gives mails new numbers."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)  # started by root, it lets no one in as root
        with _running(folder) as there:
            yield there


@contextmanager
def _running(folder: Path) -> Iterator[tuple[str, Deliver, Callable[[], None]]]:
    write_identity(folder / "both.pem")
    (folder / "passwords").write_text(f"support:{{PLAIN}}{PASSWORD}\n")
    owner = pwd.getpwuid(os.getuid()) if os.getuid() else pwd.getpwnam("nobody")
    for name in ("", "cur", "new", "tmp"):
        (folder / "mail" / name).mkdir()
        os.chown(folder / "mail" / name, owner.pw_uid, owner.pw_gid)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    config = folder / "dovecot.conf"
    config.write_text(
        CONFIG.format(
            folder=folder,
            port=port,
            user=getpass.getuser(),
            login=owner.pw_name,
            group=grp.getgrgid(os.getgid()).gr_name,
            uid=owner.pw_uid,
            gid=owner.pw_gid,
        )
    )
    program = shutil.which("dovecot")
    assert program
    running = subprocess.Popen([program, "-F", "-c", str(config)])
    numbers = count(1)

    def deliver(raw: bytes) -> None:
        name = f"{int(time.time())}.{next(numbers)}.example"
        (folder / "mail" / "tmp" / name).write_bytes(raw)
        (folder / "mail" / "tmp" / name).rename(folder / "mail" / "new" / name)

    def renumber() -> None:
        for path in (folder / "mail").glob("dovecot*"):
            path.unlink()
        time.sleep(1.1)  # a numbering is named by the second in which it was made

    try:
        _await(port, folder / "log")
        yield f"{HOST}:{port}", deliver, renumber
    finally:
        running.terminate()
        running.wait(timeout=START)


def _await(port: int, log: Path) -> None:
    end = time.monotonic() + START
    while time.monotonic() < end:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise AssertionError(log.read_text() if log.exists() else "no log")
