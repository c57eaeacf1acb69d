"""A person at a screen, and all that a browser may complain about while they are."""

REPORT_VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`CSP: ${event.violatedDirective} ${event.blockedURI}`));
"""
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
