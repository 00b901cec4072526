"""Somebody with a browser, who minds accessibility, errors and overflow on every page they see."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Error, Locator, Page, expect

from ffapp.local.demo_accounts import password
from tests.browse import WORDS

PATIENCE_MS = 120_000
# What is said of a page that goes while it is looked at.
EVERYTHING = {"resultTypes": ["violations"]}
CONTRAST = {**EVERYTHING, "runOnly": ["color-contrast"]}
AXE = Axe()
_looked_at: set[tuple[str, int]] = set()
COMING = ("context was destroyed", "reading 'documentElement'")


class Visitor:
    def __init__(self, name: str, context: BrowserContext) -> None:
        self.name = name
        self.context = context
        context.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        self.page = self._mind(context.new_page())

    def go(self, address: str) -> Page:
        """Open an address in the first tab, and look at the page."""
        self.page.goto(address)
        self.look()
        return self.page

    def sign_in(self, email: str) -> None:
        """Sign in by the form, with the password of everybody in the demo."""
        self.go("/sign-in")
        self.fill(email=email, password=password())
        self.press("Sign in")

    def fill(self, **fields: str) -> None:
        """Fill in fields by their names."""
        for name, value in fields.items():
            self.page.locator(f"main [name={name}]").fill(value)

    def press(self, text: str) -> None:
        """Press the button or link with that text, and look at what comes."""
        self.find(text).first.click()
        self.page.wait_for_load_state()
        self.look()

    def find(self, text: str) -> Locator:
        main = self.page.locator("main, dialog[open]")
        return main.get_by_role("button", name=text).or_(main.get_by_role("link", name=text))

    def unfold(self) -> None:
        """Open every row of a list, as a tap does on a phone."""
        self.page.eval_on_selector_all("td.more details", "all => all.forEach(d => d.open = true)")

    def sees(self, text: str) -> None:
        """Wait until the page says so, by itself."""
        expect(self.page.locator("body")).to_contain_text(text)

    def tab(self, text: str) -> Page:
        """Press a link that opens another tab; answers the tab."""
        with self.context.expect_page() as opened:
            self.find(text).first.click()
        return self._mind(opened.value)

    def look(self, page: Page | None = None) -> None:
        """What a careful eye would find: barriers, and a page wider than the window.

        Axe is not asked again about a page that differs from another in words and numbers alone.
        """
        page = page or self.page
        for last in (False, False, False, True):
            try:
                shape = (WORDS.sub("", page.content()), page.viewport_size["width"])
                if shape not in _looked_at:
                    _judge(page, _run_axe(page, EVERYTHING))
                    _looked_at.add(shape)
                _measure(page)
                return
            except Error as error:
                if last or not any(each in error.message for each in COMING):
                    raise
                page.wait_for_load_state()  # another page came just now: that one is looked at

    def look_at_it_everywhere(self) -> None:
        """The same on a phone and on a desk, by day and in the dark, without asking for it anew.

        The dark differs in nothing but its colours, and those do not depend on the width.
        """
        self.page.emulate_media(color_scheme="light")
        for width in (360, 1280):
            self.page.set_viewport_size({"width": width, "height": 800})
            self.look()
        self.page.emulate_media(color_scheme="dark")
        _judge(self.page, _run_axe(self.page, CONTRAST))
        _measure(self.page)

    def _mind(self, page: Page) -> Page:
        page.on("pageerror", _fail)
        page.on("console", _mind_console)
        return page


def _run_axe(page: Page, options: dict[str, Any]) -> dict[str, Any]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.axe_script)
    found: dict[str, Any] = page.evaluate("options => axe.run(options)", options)
    return found


def _judge(page: Page, response: dict[str, Any]) -> None:
    found = [
        f"{each['id']}: {[node['html'][:120] for node in each['nodes']][:2]}"
        for each in response["violations"]
    ]
    assert not found, f"{page.url}: {found}"


def _measure(page: Page) -> None:
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"{page.url} is {wide} px wider than the window"


def _fail(error: Any) -> None:
    raise AssertionError(f"a script failed: {error}")


def _mind_console(message: Any) -> None:
    refused = "Content Security Policy" in message.text
    assert not refused, f"the policy was broken: {message.text}"
