"""Views that do one thing each, for the tests of what lies around every view."""

from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
    ValidationError,
)
from django.http import Http404, HttpResponse, UnreadablePostError
from rest_framework import exceptions
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView

from mdv.accounts.models import User
from mdv.http.permissions import MayByMethod, may
from mdv.kernel import context, errors
from mdv.kernel.errors import FieldProblem


class OutOfStock(errors.Conflict):
    code = "out_of_stock"
    detail = "Some lines are out of stock."


SECRET = "SELECT * FROM secrets -- /srv/mdv/models.py 10.0.0.9"

FAULTS = {
    "invalid": lambda: errors.Invalid(problems=[FieldProblem("sku", "unknown", "No such SKU.")]),
    "forbidden": errors.Forbidden,
    "not-found": errors.NotFound,
    "conflict": lambda: OutOfStock(members={"lines": [{"sku": "A", "available": 2}], "status": 1}),
    "too-many": lambda: errors.TooMany(retry_after=7),
    "http404": lambda: Http404(SECRET),
    "permission": lambda: PermissionDenied(SECRET),
    "suspicious": lambda: SuspiciousOperation(SECRET),
    "unreadable": lambda: UnreadablePostError(SECRET),
    "too-big": lambda: RequestDataTooBig(SECRET),
    "too-many-fields": lambda: TooManyFieldsSent(SECRET),
    "too-many-files": lambda: TooManyFilesSent(SECRET),
    "validation": lambda: ValidationError({"price": ValidationError("Too dear.", code="dear")}),
    "validation-of-the-whole": lambda: ValidationError("It does not add up.", code="sum"),
    "drf-validation": lambda: exceptions.ValidationError(
        {"lines": [{}, {"sku": ["Unknown."]}], "non_field_errors": ["Empty."]}
    ),
    "drf-parse": lambda: exceptions.ParseError("Broken."),
    "drf-token": lambda: exceptions.AuthenticationFailed("Not valid.", "invalid_token"),
    "fault": lambda: ZeroDivisionError(SECRET),
}


def fail(name):
    fault = FAULTS[name]()
    raise fault


def plain(request, name):
    fail(name)


def page(request):
    return HttpResponse("A page.")


def add(request):
    User.objects.create(email=request.GET["email"])
    return HttpResponse(status=204)


class Open(APIView):
    permission_classes = (AllowAny,)


class Failing(Open):
    def get(self, request, name):
        fail(name)


class Echo(Open):
    def get(self, request):
        now = context.current()
        return Response({"address": now.address, "request_id": now.request_id})

    def post(self, request):
        return Response({"read": request.data})


class Protected(APIView):
    permission_classes = (IsAuthenticated,)

    def get(self, request):
        return Response({})


class ForAuditors(APIView):
    permission_classes = (may("audit.view_auditentry"),)

    def get(self, request):
        return Response({})


class ByMethod(APIView):
    permission_classes = (MayByMethod,)
    rights = {"GET": "accounts.view_user", "POST": "accounts.grant_role"}

    def get(self, request):
        return Response({})

    def post(self, request):
        return Response({})


class Refused(Open):
    """Let in, and refused by what is inside: what a permission on an object does."""

    def get(self, request):
        raise exceptions.PermissionDenied


class Adding(Open):
    """Writes to the database and does nothing about what that answers."""

    def post(self, request):
        User.objects.create(**request.data)
        return Response({}, status=201)


class Deleting(Open):
    def delete(self, request, pk):
        User.objects.get(pk=pk).delete()
        return Response(status=204)


class Cached(Open):
    def get(self, request):
        return Response({}, headers={"Cache-Control": "public, max-age=60"})


class Cart(Open):
    def get(self, request, token):
        raise errors.NotFound


class BrokenCart(Open):
    def get(self, request, token):
        password = "hunter2-in-a-local"  # noqa: F841
        raise ZeroDivisionError("token=cart-token-in-the-text")
