"""A little application for gunicorn: says how much it was sent."""


def weigh(environ, start_response):
    try:
        size = len(environ["wsgi.input"].read())
    except OSError:
        start_response("400 Bad Request", [("Content-Length", "0")])
        return [b""]
    body = str(size).encode()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]
