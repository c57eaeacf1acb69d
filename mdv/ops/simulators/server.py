"""The server: this machine's own address, a thread per connection."""

import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from mdv.ops.simulators.desk import Desk, NoAnswer
from mdv.ops.simulators.exchange import Answer, Request, as_json

HOST = "127.0.0.1"
MAX_BODY_BYTES = 256 * 1024


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int) -> None:
        """Take the port; 0 takes any that is free."""
        super().__init__((HOST, port), Handler)
        self.desk: Desk | None = None  # it needs to know the address

    def handle_error(self, request: object, client_address: object) -> None:
        """Show what went wrong, unless a caller hung up, as shops with a timeout do."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "simulated"
    sys_version = ""

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the library's name)
        """Say nothing: the journal says more."""

    def _serve(self) -> None:
        length = self.headers.get("Content-Length") or "0"
        if not length.isascii() or not length.isdigit() or int(length) > MAX_BODY_BYTES:
            self.close_connection = True
            self._write(as_json({"message": "Too large."}, HTTPStatus.REQUEST_ENTITY_TOO_LARGE))
            return
        address = urlsplit(self.path)
        request = Request(
            method=self.command,
            path=address.path,
            query=parse_qsl(address.query, keep_blank_values=True),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(int(length)),
        )
        assert isinstance(self.server, Server) and self.server.desk  # noqa: PT018, S101
        try:
            answer = self.server.desk.answer(request)
        except NoAnswer:
            self.close_connection = True
            return
        self._write(answer)

    def _write(self, answer: Answer) -> None:
        self.send_response(answer.status)
        headers = {
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
            **answer.headers,
            "Content-Length": str(len(answer.body)),
        }
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)
