"""What is wrong with a page at every width, light and dark: what does not fit, and what breaks the rules of axe."""

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

HEIGHT = 900
NARROW, LAPTOP, USUAL, WIDE = 390, 1280, 1440, 1600
# The colors are all that the dark scheme changes.
RULES: dict[str, dict] = {"light": {}, "dark": {"runOnly": ["color-contrast"]}}


def findings(page: Page) -> list[str]:
    """Each fault of the page as it is open now, with the width and the scheme that show it."""
    # What a click leads to can be seen, and even be asked about, before its sheets have arrived.
    page.wait_for_load_state()
    found = []
    for width in (NARROW, LAPTOP, USUAL, WIDE):
        page.set_viewport_size({"width": width, "height": HEIGHT})
        beyond = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if beyond > 0:
            found.append(f"{width} px: {beyond} px too wide")
        for scheme in ("light", "dark") if width in (NARROW, USUAL) else ():
            page.emulate_media(color_scheme=scheme)
            found += [f"{width} px, {scheme}: {violation}" for violation in violations(page, RULES[scheme])]
    return found


def violations(page: Page, rules: dict) -> list[str]:
    """The broken rules of axe with their elements. axe comes through the debugger, which the page's strict policy for
    scripts does not concern.
    """
    # Another scheme takes a frame to be drawn.
    page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    # Buttons change their color in steps, and axe would judge a step between.
    page.evaluate("Promise.all(document.getAnimations().map((each) => each.finished.catch(() => null)))")
    page.evaluate(AXE_SCRIPT)
    result = page.evaluate("(options) => axe.run(options)", {"resultTypes": ["violations"], **rules})
    return [
        f"{violation['id']}: {', '.join(str(target) for node in violation['nodes'] for target in node['target'])}"
        for violation in result["violations"]
    ]
