"""The mails that are held as spam, which leads may release."""

from agent_cli.web.asking import Asked, Led, Page, Shown
from agent_cli.words.mails import INBOUND, HeldView

PLACE = "/operations/quarantine"


def listed(asked: Asked) -> Shown:
    """Show what is held, the newest first."""
    views = [HeldView.of(each) for each in asked.desk.quarantine.held()]
    return Shown("quarantine.html", {"held": views, "lead": asked.desk.agent().leads})


def release(asked: Asked) -> Led:
    """Have mails become what they would be if they were no spam."""
    keys = dict.fromkeys(f"{INBOUND}{name}" for name in asked.all("mail") if name)
    if not keys:
        return Led(PLACE, "Choose a mail first. Nothing was done.")
    released = asked.desk.quarantine.release(keys)
    said = f"released {len(released)} mail(s); they become tickets in some seconds"
    return Led(PLACE, said)


PAGES: dict[str, tuple[str, Page]] = {
    f"GET {PLACE}": ("quarantine", listed),
    f"POST {PLACE}": ("quarantine-release", release),
}
