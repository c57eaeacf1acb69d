"""What a service may refuse, in the trade's words. ``mdv.http`` alone knows the statuses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True)
class FieldProblem:
    """One thing that is wrong with the input: where (a dotted path), a stable code, a sentence."""

    field: str
    code: str
    message: str


class DomainError(Exception):
    """A refusal that changed nothing.

    ``code`` is stable and documented, clients may rely on it; ``detail`` is a sentence for people;
    ``problems`` name fields; ``members`` are further facts, such as the lines that lack stock;
    ``retry_after`` says after how many seconds trying again makes sense. ``described`` is the JSON
    Schema of each member, for the API's description.
    """

    code: ClassVar[str] = "error"
    detail: ClassVar[str] = "The request was refused."
    described: ClassVar[Mapping[str, Any]] = {}
    retry_after: int | None = None

    def __init__(
        self,
        detail: str | None = None,
        *,
        problems: Sequence[FieldProblem] = (),
        members: Mapping[str, Any] | None = None,
    ) -> None:
        self.message = detail or self.detail
        self.problems = list(problems)
        self.members = dict(members or {})
        super().__init__(self.message)


class Invalid(DomainError):
    """The input makes no sense, whoever sends it and whenever."""

    code = "invalid"
    detail = "The request is not valid."


class NotAuthenticated(DomainError):
    """Whoever this is did not prove it."""

    code = "not_authenticated"
    detail = "You are not logged in."


class Forbidden(DomainError):
    """The person is known and may not do this."""

    code = "forbidden"
    detail = "You may not do this."


class NotFound(DomainError):
    """It does not exist, or is not this person's to see."""

    code = "not_found"
    detail = "Not found."


class Conflict(DomainError):
    """The input is fine; the present state does not allow it."""

    code = "conflict"
    detail = "The present state does not allow this."


class PreconditionFailed(DomainError):
    """What the client saw has changed since, so its change was not applied."""

    code = "precondition_failed"
    detail = "This has changed since you read it."


class PreconditionRequired(DomainError):
    """A change must say which version it is meant for."""

    code = "precondition_required"
    detail = "Send If-Match with the ETag of what you read."


class Unprocessable(DomainError):
    """The input is well-formed and contradicts what was sent before."""

    code = "unprocessable"
    detail = "This contradicts an earlier request."


class TooMany(DomainError):
    """Asked more often than is allowed."""

    code = "rate_limited"
    detail = "Too many requests. Please wait."
    described = {"retry_after": {"type": "integer", "description": "In seconds."}}

    def __init__(self, detail: str | None = None, *, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__(detail, members={"retry_after": retry_after})


class TryLater(DomainError):
    """Somebody outside the house, whom this needs, does not answer."""

    code = "try_again"
    detail = "This is not possible just now. Please try again."
