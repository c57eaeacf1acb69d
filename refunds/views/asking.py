"""Reading what is to be returned, for customers and staff alike."""

from typing import Any

from rest_framework.request import Request

from mdv.http.serializers import StrictSerializer
from mdv.kernel import clock
from refunds import services
from refunds.models import Return
from refunds.serializers.returns import ReturnIn
from refunds.states import ReturnReason, ReturnSource


def given(request: Request, serializer: type[StrictSerializer]) -> dict[str, Any]:
    """Return what was sent, checked."""
    checked = serializer(data=request.data)
    checked.is_valid(raise_exception=True)
    found: dict[str, Any] = checked.validated_data
    return found


def asked_for(request: Request, number: str, *, source: ReturnSource) -> Return:
    """Ask for the return that was sent, and return it."""
    sent = given(request, ReturnIn)
    return services.request_return(
        number=number,
        lines=[services.Wanted(**line) for line in sent["lines"]],
        reason=ReturnReason(sent["reason"]),
        source=source,
        note=sent.get("note", ""),
        at=clock.now(),
    )
