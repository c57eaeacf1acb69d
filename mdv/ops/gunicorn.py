"""How gunicorn serves the shop: `gunicorn mdv.wsgi --config python:mdv.ops.gunicorn`.

gunicorn takes the names below as its settings; the others it ignores.
"""

import sys
from pathlib import Path

from mdv.env import EnvironmentProblem, load
from mdv.ops.draining import draining
from mdv.ops.hung_database import give_up_after

try:
    _environment = load()
except EnvironmentProblem as problem:
    sys.exit(f"mdv cannot start: {problem}")

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108  (the folder itself, not a file with a known name)

bind = f"{'127.0.0.1' if _environment.is_local else '0.0.0.0'}:{_environment.port}"  # noqa: S104
# gthread, whose threads do not wait for slow clients.
worker_class = "mdv.ops.web_worker.PatientWorker"
workers = _environment.web_concurrency
threads = _environment.web_threads

# Seconds for requests in flight after SIGTERM. Platforms kill after 30.
graceful_timeout = 25
# Seconds without a sign of life from a worker's main thread. It does not bound a request: that is
# what the database's statement_timeout does.
timeout = 60
# Seconds an idle connection stays open; longer than a proxy in front keeps it, else the proxy now
# and then sends a request into a closing connection.
keepalive = 75

# Only Django decides whether a request came over HTTPS: see SECURE_PROXY_SSL_HEADER.
secure_scheme_headers: dict[str, str] = {}

# A request's first line and headers, in bytes: an URL with filters and a cursor fits.
limit_request_line = 4094
limit_request_fields = 64
limit_request_field_size = 8190

# Workers' heartbeat files: on a disk they can stall for seconds.
worker_tmp_dir = str(SHARED_MEMORY) if SHARED_MEMORY.is_dir() else None
# Loaded once, before the fork: a worker that died is replaced in a moment, not in seconds. What
# connects or starts threads does it after the fork, in each worker for itself.
preload_app = True
# Nobody uses gunicornc, and its socket would lie in the home folder.
control_socket_disable = True

accesslog = None  # the middleware logs requests
loglevel = "warning"


def post_worker_init(worker: object) -> None:
    """Let /health/ready say no from the moment a worker is told to end; give up a hung database."""
    draining.begin_on_sigterm()
    give_up_after()
