"""What every page must be: accessible in both color schemes, and no wider than its window."""

from collections.abc import Sequence

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
"""WCAG 2.0 to 2.2, A and AA, as axe names their rules, and what it calls good practice."""

OPTIONS = {"runOnly": {"type": "tag", "values": list(TAGS)}, "resultTypes": ["violations"]}

SCHEMES = ("light", "dark")


def findings(page: Page, schemes: Sequence[str] = SCHEMES) -> list[str]:
    """Return what axe finds in a page, in color schemes: the rule, the element and the reason.

    The page's window must be opened with `bypass_csp`, because axe is a script that no page allows.
    """
    found = []
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for rule in Axe().run(page, options=OPTIONS).response["violations"]:
            for node in rule["nodes"]:
                where = " ".join(map(str, node["target"]))
                why = "; ".join(each["message"] for each in (*node["any"], *node["all"]))
                why = why or rule["help"]
                found.append(f"{scheme}: {rule['id']}: {where}: {why}\n    {node['html']}")
    return found


def too_wide(page: Page, width: int) -> list[str]:
    """Return what makes a page scroll sideways in a window of that width; [] if nothing does."""
    size = page.viewport_size or {"height": 800}
    page.set_viewport_size({"width": width, "height": size["height"]})
    wide: list[str] = page.evaluate(
        """width => {
            if (document.scrollingElement.scrollWidth <= width) return [];
            return [...document.querySelectorAll('body *')]
                .filter(each => each.getBoundingClientRect().right > width + 1)
                .slice(0, 5)
                .map(each => `${each.tagName.toLowerCase()}.${each.className}: `
                    + `${Math.round(each.getBoundingClientRect().right)} of ${width} px`)
                .concat([`scrolls to ${document.scrollingElement.scrollWidth} px`]);
        }""",
        width,
    )
    return wide
