"""Where a request goes: to a provider, to a payer's page, or to the switches."""

import json
import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Protocol

from mdv.ops.simulators.exchange import Answer, Refused, Request, as_json
from mdv.ops.simulators.journal import Journal
from mdv.ops.simulators.pages import STYLE
from mdv.ops.simulators.post import Post
from mdv.ops.simulators.switches import Switches, UnknownSwitch

WITHOUT_DOING_ANYTHING = frozenset({"500", "429", "junk", "silent"})
OUR_NAMES = frozenset({"localhost", "127.0.0.1"})
SILENCE_S = 60.0


class Provider(Protocol):
    post: Post

    def answer(self, request: Request) -> Answer: ...
    def pay_page(self, request: Request, page: str) -> Answer: ...
    def expire(self, reference: str) -> bool: ...
    def refund_by_hand(self, reference: str, amount: int) -> str: ...
    def charge_back(self, reference: str, amount: int) -> str: ...
    def move_refund(self, number: str, status: str) -> None: ...


class NoAnswer(Exception):
    """The connection is closed without a byte."""


class Desk:
    """All simulated providers of a process."""

    def __init__(self, providers: Mapping[str, Provider], journal: Journal) -> None:
        self.providers = providers
        self.journal = journal

    def answer(self, request: Request) -> Answer:
        """Answer, or not.

        Raises:
            NoAnswer: after a long silence.
        """
        _, name, rest = (f"{request.path}//").split("/", 2)
        if request.path == "/style.css":
            return Answer(body=STYLE.encode(), headers={"Content-Type": "text/css"})
        if request.path == "/_control":
            return self._control(request)
        provider = self.providers.get(name)
        if provider is None:
            return as_json({"message": "Nobody is here."}, HTTPStatus.NOT_FOUND)
        path = f"/{rest.rstrip('/')}"
        if path.startswith("/pay/"):
            return provider.pay_page(request, path.removeprefix("/pay/"))
        return self._call(name, provider, _at(request, path))

    def _call(self, name: str, provider: Provider, request: Request) -> Answer:
        switches = provider.post.panel.next_answer()
        if switches.answer in WITHOUT_DOING_ANYTHING:
            self._note(name, request, 0)
            return _wrong(switches)
        try:
            answer = provider.answer(request)
        except Refused as refusal:
            answer = refusal.answer
        self._note(name, request, answer.status)
        if switches.answer == "late":
            time.sleep(switches.seconds)
        if switches.answer == "lost":
            return _wrong(switches)
        return answer

    def _note(self, name: str, request: Request, status: int) -> None:
        self.journal.write(
            provider=name,
            method=request.method,
            path=request.path,
            body=request.body.decode("utf-8", "replace"),
            key=request.headers.get("idempotency-key", ""),
            status=status,
        )

    def _control(self, request: Request) -> Answer:
        """Turn switches. Only for programs of this machine: a web page cannot send this."""
        host = request.headers.get("host", "").rpartition(":")[0]
        if host not in OUR_NAMES or request.headers.get("content-type") != "application/json":
            return as_json({"message": "Not for you."}, HTTPStatus.FORBIDDEN)
        if request.method == "GET":
            return as_json(self.journal.entries())
        try:
            return as_json(self._obey(json.loads(request.body)))
        except (UnknownSwitch, ValueError, AttributeError, KeyError, TypeError) as problem:
            return as_json({"message": f"Not understood: {problem}"}, HTTPStatus.BAD_REQUEST)
        except Refused as refusal:
            return refusal.answer

    def _obey(self, wanted: dict[str, Any]) -> dict[str, Any]:
        if wanted.get("reset"):
            self.journal.clear()
            for provider in self.providers.values():
                provider.post.panel.reset()
                provider.post.forget()
            return {}
        provider = self.providers[wanted["provider"]]
        if "expire" in wanted:
            return {"expired": provider.expire(wanted["expire"])}
        if "refund" in wanted:
            return {"id": provider.refund_by_hand(wanted["refund"], wanted["amount"])}
        if "charge_back" in wanted:
            return {"id": provider.charge_back(wanted["charge_back"], wanted["amount"])}
        if "move_refund" in wanted:
            provider.move_refund(wanted["move_refund"], wanted["status"])
            return {}
        provider.post.panel.turn(wanted["switches"])
        if wanted["switches"].get("holds_notices") is False:
            provider.post.release()
        return {}


def _wrong(switches: Switches) -> Answer:
    if switches.answer in {"silent", "lost"}:
        time.sleep(SILENCE_S)
        raise NoAnswer
    if switches.answer == "junk":
        return Answer(body=b"<html>502 Bad Gateway")
    return as_json({"message": "Try again later."}, int(switches.answer))


def _at(request: Request, path: str) -> Request:
    return Request(
        method=request.method,
        path=path,
        query=request.query,
        headers=request.headers,
        body=request.body,
    )
