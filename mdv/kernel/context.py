"""Who is acting, from where, and why: carried beside the call, not through every signature.

``mdv.http`` fills it for a request, ``mdv.jobs`` for a job, a command for itself. Services and
the audit trail read it, and so never need to see HTTP.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Source = Literal["api", "admin", "command", "webhook", "import", "job", "database"]
ActorKind = Literal["user", "guest", "system", "gateway"]


@dataclass(frozen=True, kw_only=True)
class Actor:
    """A snapshot of who acts. `role` and `label` are kept as they were at that moment."""

    kind: ActorKind
    id: int | None = None
    role: str = ""
    label: str = ""


# In a context's ``extra``: the tightest limit that the request met, for its answer and the trail.
LIMIT_USAGE = "limit_usage"

SYSTEM = Actor(kind="system", label="system")
GUEST = Actor(kind="guest", label="guest")


@dataclass(frozen=True, kw_only=True)
class Context:
    source: Source
    actor: Actor = SYSTEM
    request_id: str = ""
    address: str = ""
    user_agent: str = ""
    command: str = ""
    reason: str = ""
    extra: dict[str, Any] = field(default_factory=dict)


OUTSIDE = Context(source="command")

_current: ContextVar[Context] = ContextVar("mdv_context", default=OUTSIDE)


def current() -> Context:
    """Return the context of this thread of work."""
    return _current.get()


@contextmanager
def use(context: Context) -> Iterator[Context]:
    """Make `context` the current one for the length of the block."""
    token = _current.set(context)
    try:
        yield context
    finally:
        _current.reset(token)


@contextmanager
def refined(**changes: Any) -> Iterator[Context]:
    """Change some facts for the length of the block, such as ``reason=`` or ``command=``."""
    with use(replace(current(), **changes)) as context:
        yield context


def set_actor(actor: Actor) -> None:
    """Name who acts, once authentication knows. Ends with the surrounding :func:`use`.

    Without one nobody is named: a thread that lives on must not remember anybody.
    """
    if current() is not OUTSIDE:
        _current.set(replace(current(), actor=actor))
