"""Stripe's idempotency (https://docs.stripe.com/api/idempotent_requests)."""

import threading
from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus

from mdv.ops.simulators.exchange import Answer, Request
from mdv.ops.simulators.stripe_words import refused

MAX_LENGTH = 255
Asked = tuple[str, bytes]


class IdempotencyKeys:
    """The first answer to each key. What was refused before anything was done is not kept."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: dict[str, tuple[Asked, Answer | None]] = {}

    def once(self, request: Request, do: Callable[[], Answer]) -> Answer:
        """Do it, or answer as the first time.

        Raises:
            Refused: the key came with other parameters, or its first request is still under way.
        """
        key = request.headers.get("idempotency-key", "")
        if not key:
            return do()
        if len(key) > MAX_LENGTH:
            raise refused(f"The key is longer than {MAX_LENGTH} characters")
        asked = (request.path, request.body)
        with self._lock:
            known = self._answers.get(key)
            if known is None:
                self._answers[key] = (asked, None)
        if known is not None:
            return _again(known, asked)
        try:
            answer = do()
        except BaseException:
            with self._lock:
                del self._answers[key]
            raise
        with self._lock:
            self._answers[key] = (asked, answer)
        return answer

    def forget(self) -> None:
        """Prune all keys, as Stripe does after 24 hours."""
        with self._lock:
            self._answers.clear()


def _again(known: tuple[Asked, Answer | None], asked: Asked) -> Answer:
    first, answer = known
    if first != asked:
        raise refused(
            "Keys for idempotent requests can only be used with the same parameters they were "
            "first used with.",
            kind="idempotency_error",
        )
    if answer is None:
        raise refused(
            "There is currently another in-progress request using this Idempotent Key.",
            status=HTTPStatus.CONFLICT,
            kind="idempotency_error",
            code="idempotency_key_in_use",
        )
    return replace(answer, headers={**answer.headers, "Idempotent-Replayed": "true"})
