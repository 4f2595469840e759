"""A customer who writes mails to the desk: by SMTP, and reads what the sink keeps."""

import time
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.utils import formataddr, make_msgid
from io import BytesIO
from pathlib import Path
from random import Random

from PIL import Image, ImageDraw, ImageFont

from agent_cli.words.mails import SentView, sent
from infra.local.mail import hand_over

LOOK = 0.2
"""Seconds between two looks into the folder."""


@dataclass(frozen=True, slots=True)
class Post:
    """Where mails are handed over, for whom, and where the ones that left are kept."""

    port: int
    mailbox: str
    folder: Path


@dataclass(slots=True)
class Correspondent:
    """A customer with an address of their own. `read` are the mails that were shown already."""

    name: str
    address: str
    post: Post
    read: set[int] = field(default_factory=set)

    def write(self, subject: str, text: str, picture: bytes | None = None) -> str:
        """Hand over a mail; return the key of the object that holds it.

        Raises smtplib.SMTPException or OSError.
        """
        mail = EmailMessage()
        mail["From"] = formataddr((self.name, self.address))
        mail["To"] = self.post.mailbox
        mail["Subject"] = subject
        mail["Message-ID"] = make_msgid(domain=self.address.rpartition("@")[2])
        mail.set_content(text)
        if picture:
            mail.add_attachment(picture, maintype="image", subtype="png", filename="receipt.png")
        return hand_over(
            mail.as_bytes(policy=policy.SMTP),
            sender=self.address,
            mailbox=self.post.mailbox,
            port=self.post.port,
            patience=30,
        )

    def next_mail(self, *, wait: float) -> SentView | None:
        """Return the next mail that came, after up to `wait` seconds."""
        until = time.monotonic() + wait
        while True:
            for each in reversed(sent(self.post.folder)):
                if each.to == self.address and each.number not in self.read:
                    self.read.add(each.number)
                    return each
            if time.monotonic() >= until:
                return None
            time.sleep(LOOK)


def receipt(order: str) -> bytes:
    """Return a scanned receipt of an order, as PNG: a little turned, on grey paper, with dust."""
    lines = (
        "KITCHEN AND HOME",
        f"Order {order}",
        "1 blender, 900 watts       79.00",
        "Delivery                    4.90",
        "Total                 EUR  83.90",
        "Paid by card, thank you!",
    )
    page = Image.new("L", (1000, 620), 214)
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(38)
    for row, line in enumerate(lines):
        pen.text((90, 70 + 80 * row), line, fill=52, font=font)
    page = page.rotate(2, expand=True, fillcolor=214)
    dust = Random(order)  # noqa: S311 -- the same picture each time
    for _ in range(150):
        page.putpixel((dust.randrange(page.width), dust.randrange(page.height)), 120)
    kept = BytesIO()
    page.save(kept, "PNG", optimize=True)
    return kept.getvalue()
