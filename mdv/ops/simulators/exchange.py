"""One request and one answer, free of the server that carries them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True, kw_only=True)
class Request:
    """``path`` is without the provider's prefix; ``headers`` have lower-case names."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: Mapping[str, str]
    body: bytes

    @property
    def form(self) -> list[tuple[str, str]]:
        return parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True)

    @property
    def bearer(self) -> str:
        scheme, _, key = self.headers.get("authorization", "").partition(" ")
        return key.strip() if scheme.lower() == "bearer" else ""


@dataclass(frozen=True, kw_only=True)
class Answer:
    status: int = HTTPStatus.OK
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


class Refused(Exception):
    """The provider says no. ``answer`` is how it says so."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        super().__init__(answer.status)


def as_json(content: Any, status: int = HTTPStatus.OK, **headers: str) -> Answer:
    """Answer with JSON."""
    body = json.dumps(content).encode()
    return Answer(status=status, body=body, headers={"Content-Type": "application/json", **headers})


def as_page(html: str, status: int = HTTPStatus.OK) -> Answer:
    """Answer with a page that loads and runs nothing."""
    return Answer(
        status=status,
        body=html.encode(),
        headers={
            "Content-Type": "text/html; charset=utf-8",
            "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src data:; "
            "base-uri 'none'; "
            "frame-ancestors 'none'",
        },
    )


def as_redirect(address: str) -> Answer:
    """Send a browser elsewhere."""
    return Answer(status=HTTPStatus.SEE_OTHER, headers={"Location": address})


def is_page(address: Any) -> bool:
    """Tell whether it is an address that a browser opens."""
    if not isinstance(address, str):
        return False
    parts = urlsplit(address)
    return parts.scheme in {"http", "https"} and bool(parts.netloc)
