"""Who may call a view: one permission class per right, named where the view is."""

from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

if TYPE_CHECKING:
    from rest_framework.views import APIView


class MayAct(BasePermission):
    """Let staff in who hold `right`, as ``app_label.verb_model`` in the table of roles."""

    right: str

    def has_permission(self, request: Request, view: "APIView") -> bool:
        return request.user.is_authenticated and request.user.has_perm(self.right)


def may(right: str) -> type[MayAct]:
    """Return the permission class for `right`."""
    return type("MayAct", (MayAct,), {"right": right})


class MayByMethod(MayAct):
    """Let staff in who hold the right that the view's ``rights`` name for the method.

    The first of them is asked for where nothing is done: HEAD, OPTIONS, a method without a right.
    """

    def has_permission(self, request: Request, view: "APIView") -> bool:
        rights: dict[str, str] = view.rights  # type: ignore[attr-defined]
        self.right = rights.get(str(request.method), next(iter(rights.values())))
        return super().has_permission(request, view)
