"""Somebody else's server, from which pictures are fetched."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DRIPS = 100
DRIP_S = 0.1  # longer than anybody should wait, all together


class Server:
    """Somebody's server. `answers` maps a path to (status, headers, body)."""

    def __init__(self):
        self.answers = {}
        self.asked = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *args):
                pass

            def do_GET(self):
                outer.asked.append((self.path, self.headers["Host"]))
                status, headers, body = outer.answers.get(self.path, (404, {}, b""))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                outer.write(self.wfile, body)

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.http.server_address[1]
        self.stopped = threading.Event()
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def write(self, stream, body):
        try:
            if body == "drip":
                for _ in range(DRIPS):
                    stream.write(b".")
                    if self.stopped.wait(DRIP_S):
                        break
            else:
                stream.write(body)
        except OSError:
            pass

    def url(self, path, host="localhost"):
        return f"http://{host}:{self.port}{path}"

    def stop(self):
        self.stopped.set()
        self.http.shutdown()
        self.http.server_close()
