"""Somebody else's server, which is told of events."""

import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HOST = "hooks.example.com"


@dataclass(frozen=True)
class Received:
    path: str
    headers: Any
    body: bytes


class Receiver:
    """Answers with the statuses in `answers`, the last one for ever; waits before if told to."""

    def __init__(self, *answers):
        self.answers = list(answers) or [200]
        self.location = ""
        self.received = []
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.arrived = threading.Semaphore(0)
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *args):
                pass

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.received.append(Received(self.path, self.headers, body))
                outer.arrived.release()
                outer.may_answer.wait(30)
                try:
                    self.send_response(outer.next_answer())
                    if outer.location:
                        self.send_header("Location", outer.location)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                except OSError:
                    pass  # nobody waits for it any more

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.http.server_address[1]
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def next_answer(self):
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def places(self):
        """The places of the events that arrived, in the order in which they did."""
        return [int(received.headers["Mdv-Event"]) for received in self.received]

    def stop(self):
        self.may_answer.set()
        self.http.shutdown()
        self.http.server_close()
