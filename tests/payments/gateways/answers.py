"""Answers that say nothing of what was asked for: status and body."""

ANSWERS = [
    (200, b"<html>"),
    (200, b""),
    (200, b"[]"),
    (200, b"{}"),
    (200, b'{"status": true, "data": null, "object": "checkout.session"}'),
    (200, b'{"status": true, "data": {"authorization_url": "javascript:1", "access_code": "a"}}'),
    (200, b'{"data": {"authorization_url": "https://%b", "access_code": "a"}}' % (b"a" * 2_000)),
    (302, b"{}"),
    (404, b"<html>Not found"),
    (408, b"{}"),
    (409, b"<html>"),
    (425, b"{}"),
    (503, b"{}"),
    (200, b'{"a": "' + b"x" * 2_000_000 + b'"}'),
]
