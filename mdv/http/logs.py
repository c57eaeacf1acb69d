"""Logs: one JSON line per event on stdout, without secrets."""

import json
import logging
import re
import sys
from typing import Any

import orjson
import structlog
from structlog.typing import EventDict, WrappedLogger

from mdv.kernel import context
from mdv.kernel.errors import TryLater

REDACTED = "[redacted]"
SECRET_KEYS = re.compile(
    r"password|secret|token|authorization|cookie|api[_-]?key|signature|card", re.IGNORECASE
)
SECRET_VALUES = re.compile(
    r"(?i)(bearer\s+|(?:password|token|secret)[\"']?\s*[=:]\s*|://[^\s:/@]*:(?=[^\s/@]*@))"
    r"(\"[^\"]*\"|'[^']*'|[^\s\"'&,}@]+)"
)


def configure_logging() -> None:
    """Send everything, the libraries' own lines included, through one JSON formatter."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        add_context,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.addFilter(only_what_is_new)
    handler.addFilter(one_line_for_others_faults)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                redact,
                structlog.processors.JSONRenderer(serializer=_to_json),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for chatty in ("django.server", "procrastinate", "httpx", "stripe"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def only_what_is_new(record: logging.LogRecord) -> bool:
    """Drop Django's own line about a request, unless it has a traceback: ours says the rest.

    What stays names the route instead of the path: paths carry cart tokens.
    """
    request = getattr(record, "request", None)
    if request is None:
        return True
    match = getattr(request, "resolver_match", None)
    route = match.route if match else "no route"
    if isinstance(record.args, tuple):
        record.args = tuple(route if item == request.path else item for item in record.args)
    return record.name != "django.request" or bool(record.exc_info)


def one_line_for_others_faults(record: logging.LogRecord) -> bool:
    """Warn of a job that failed because somebody outside does not answer: no traceback helps."""
    fault = record.exc_info[1] if record.exc_info else None
    if record.name.startswith("procrastinate") and isinstance(fault, TryLater):
        record.levelno, record.levelname = logging.WARNING, "WARNING"
        record.msg = f"{record.getMessage()}: {fault}"
        record.args, record.exc_info = (), None
    return True


def add_context(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Add the request id and address, so that lines of one request can be found together."""
    now = context.current()
    if now.request_id:
        event["request_id"] = now.request_id
    if now.address:
        event["address"] = now.address
    return event


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Blank secrets, by the key that names them and by the shape of the text."""
    return {key: _redacted(key, value) for key, value in event.items()}


def _redacted(key: str, value: Any) -> Any:
    if SECRET_KEYS.search(key):
        return REDACTED
    if isinstance(value, dict):
        return {str(inner): _redacted(str(inner), item) for inner, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_redacted("", item) for item in value]
    if isinstance(value, str):
        return SECRET_VALUES.sub(lambda found: found.group(1) + REDACTED, value)
    return value


def _to_json(event: Any, **_options: Any) -> str:
    try:
        return orjson.dumps(event, default=str).decode()
    except TypeError:
        # A lone surrogate or a number of more than 64 bits: never a reason to lose the line.
        return json.dumps(event, default=str)
