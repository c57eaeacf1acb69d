"""A page's form as a browser without scripts fills it in and sends it."""

from html.parser import HTMLParser


class PlainForm(HTMLParser):
    """The form of a button's page: the one that carries a nonce."""

    def __init__(self, page):
        super().__init__()
        self.values, self.names, self.labels, self.buttons = {}, {}, {}, {}
        self._forms, self._open, self._text = [], None, ""
        self._select = self._area = self._button = self._label = None
        self.feed(page.content.decode())
        self.close()
        (found,) = [form for form in self._forms if "nonce" in form["values"]]
        self.action = found["action"]
        self.values, self.labels, self.buttons = found["values"], found["labels"], found["buttons"]
        self.names = found["names"]

    def fill(self, **answers):
        """Fill in fields, named by how their labels begin with the words (_ for a blank)."""
        for words, value in answers.items():
            self.values[self.named(words.replace("_", " "))] = value
        return self

    def named(self, words):
        """Return the name of the one field whose label begins so."""
        found = [field for label, field in self.labels.items() if label.startswith(words)]
        assert len(found) == 1, (words, sorted(self.labels))
        return self.names[found[0]]

    def pressed(self, words):
        """Return what is sent when the button is pressed whose text begins so."""
        found = [sent for text, sent in self.buttons.items() if text.startswith(words)]
        assert len(found) == 1, (words, sorted(self.buttons))
        return {**self.values, **found[0]}

    def handle_starttag(self, tag, attributes):
        named = dict(attributes)
        if tag == "form":
            self._open = {"values": {}, "labels": {}, "buttons": {}, "names": {}}
            self._open["action"] = named.get("action", "")
            self._forms.append(self._open)
        elif self._open is not None:
            self._take(tag, named)

    def _take(self, tag, named):
        match tag:
            case "input":
                self._take_input(named)
            case "select":
                self._select = named["name"]
                self._note(named)
            case "option":
                if "selected" in named or self._select not in self._open["values"]:
                    self._open["values"][self._select] = named.get("value", "")
            case "textarea":
                self._area, self._text = named["name"], ""
                self._note(named)
            case "button":
                self._button, self._text = named, ""
            case "label":
                self._label, self._text = named.get("for"), ""

    def handle_endtag(self, tag):
        if self._open is None:
            return
        text = " ".join(self._text.split())
        if tag == "form":
            self._open = None
        elif tag == "textarea":
            self._open["values"][self._area] = self._text.removeprefix("\n")
        elif tag == "label" and self._label:
            self._open["labels"][text] = self._label
            self._label = None
        elif tag == "button" and self._button is not None:
            name = self._button.get("name")
            self._open["buttons"][text] = {name: self._button.get("value", "")} if name else {}
            self._button = None

    def handle_data(self, data):
        self._text += data

    def _take_input(self, named):
        kind = named.get("type", "text")
        is_ticked = kind not in {"checkbox", "radio"} or "checked" in named
        if named.get("name") and is_ticked and kind not in {"submit", "button", "file"}:
            self._open["values"][named["name"]] = named.get("value", "")
        self._note(named)

    def _note(self, named):
        if named.get("id") and named.get("name"):
            self._open["names"][named["id"]] = named["name"]
