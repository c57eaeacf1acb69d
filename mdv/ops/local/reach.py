"""Is somebody listening there, and is it well?"""

import http.client
import secrets
import socket

HOST = "127.0.0.1"
HEALTH_TIMEOUT_S = 5
LOWEST_PORT, PORTS = 10_000, 22_000


def is_taken(port: int) -> bool:
    """Tell whether another program listens on the port."""
    with socket.socket() as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as gunicorn does
        try:
            attempt.bind((HOST, port))
        except OSError:
            return True
    return False


def free_port() -> int:
    """Return a port on which nobody listens just now.

    It is below those that kernels give to outgoing connections: one of these could take it before
    whoever asked listens on it.
    """
    while True:
        port = LOWEST_PORT + secrets.randbelow(PORTS)
        if not is_taken(port):
            return port


def is_healthy(port: int) -> bool:
    """Tell whether /health answers 200."""
    connection = http.client.HTTPConnection(HOST, port, timeout=HEALTH_TIMEOUT_S)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
