"""A person at a screen, and all that a browser may complain about while they are."""

from tests.accounts.people import PASSWORD

REPORT_VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`CSP: ${event.violatedDirective} ${event.blockedURI}`));
"""
MENU = """[...document.querySelectorAll("#nav-sidebar-apps a")]
  .map((link) => link.innerText.trim().split("\\n").pop())"""
HEIGHT = 900
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


class Visitor:
    """Opens pages, keeps a picture of each, and notes whatever is wrong with it."""

    def __init__(self, page, *, host, name, shots):
        self.page, self.host, self.name, self.shots = page, host, name, shots
        self.complaints = []
        page.add_init_script(REPORT_VIOLATIONS)
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(f"page error: {error}"))
        page.on("requestfailed", lambda request: self._note("failed", request.url))
        page.on("request", self._watch)
        page.on("response", self._judge)

    def open(self, path, *, shot=None):
        self.page.goto(path)
        self.look(shot)

    def log_in(self, email="admin@example.com", *, shot=None):
        """Log in by the form, which leads to Home."""
        self.open("/admin/", shot=shot)
        self.fill(username=email, password=PASSWORD)
        self.page.locator("#login-form [type=submit]").click()
        self.look()

    def follow(self, name, *, shot=None):
        """Follow the first link on the page itself whose text contains `name`."""
        self.page.locator("#content").get_by_role("link", name=name).first.click()
        self.look(shot)

    def is_refused(self, path):
        """Whether the address is answered with 403, which is no complaint then."""
        before = len(self.complaints)
        self.open(path)
        heard = self.complaints[before:]
        del self.complaints[before:]
        return bool(heard) and all("403" in text for text in heard)

    def turn_to(self, width):
        """Go on with a window of another width."""
        self.page.set_viewport_size({"width": width, "height": HEIGHT})
        self.name = str(width)
        self.look()

    def press(self, name, *, shot=None):
        """Press the button or follow the link of that name on the page itself."""
        main = self.page.locator("#content, #submit-row")
        found = main.get_by_role("button", name=name, exact=True)
        link = main.get_by_role("link", name=name, exact=True)
        found.or_(link).first.click()
        self.look(shot)

    def fill(self, **fields):
        for name, value in fields.items():
            self.page.locator(f"#content [name={name}], #login-form [name={name}]").fill(value)

    def look(self, shot=None):
        """Wait until the page is there, see that it fits its window, keep a picture."""
        self.page.wait_for_load_state("networkidle")
        overflow = self.page.evaluate(OVERFLOW)
        if overflow > 0:
            self._note(f"{overflow} px too wide", self.page.url)
        if shot:
            self.page.screenshot(path=self.shots / f"{shot}-{self.name}.png", full_page=True)

    def sees(self, text):
        return self.page.locator("body").inner_text().find(text) >= 0

    def menu(self):
        """The titles in the menu."""
        return self.page.evaluate(MENU)

    def _hear(self, message):
        if message.type in {"error", "warning"}:
            self._note(message.type, message.text)

    def _watch(self, request):
        if not request.url.startswith((self.host, "data:")):
            self._note("another host", request.url)

    def _judge(self, response):
        if response.status >= 400:
            self._note(str(response.status), response.url)

    def _note(self, what, where):
        self.complaints.append(f"{what}: {where}")
