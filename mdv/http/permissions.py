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
