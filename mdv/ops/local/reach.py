"""Is somebody listening there, and is it well?"""

import http.client
import socket

HOST = "127.0.0.1"
HEALTH_TIMEOUT_S = 5


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
    """Return a port on which nobody listens just now."""
    with socket.socket() as any_port:
        any_port.bind((HOST, 0))
        port: int = any_port.getsockname()[1]
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
