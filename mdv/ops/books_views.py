"""The staff's doors to the books."""

from http import HTTPStatus
from typing import cast

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from mdv.accounts.models import User
from mdv.http.permissions import may
from mdv.kernel import clock
from mdv.ops.check_now import Check, check_now
from mdv.ops.models import BooksCheck
from mdv.ops.serializers import BooksOut, CheckedOut, books_of

SEE_THE_BOOKS = "ops.view_bookscheck"
CHECK_THE_BOOKS = "ops.check_books"
LIMIT_OF_CHECKS = "books"


class BooksView(APIView):
    permission_classes = (may(SEE_THE_BOOKS),)

    @extend_schema(responses=BooksOut)
    def get(self, request: Request) -> Response:
        """Show how the books were when they were last checked.

        Every invariant with the first rows that are wrong. The worker checks every night.
        """
        return Response(BooksOut(books_of(BooksCheck.objects.newest(), at=clock.now())).data)


class CheckBooksView(APIView):
    permission_classes = (may(CHECK_THE_BOOKS),)
    limit_scopes = {"POST": LIMIT_OF_CHECKS}

    @extend_schema(request=None, responses={200: CheckedOut, 202: CheckedOut})
    def post(self, request: Request) -> Response:
        """Check the books now.

        It reads everything and changes nothing. Where that takes too long for a request a worker
        does it: 202, with what was found the last time.
        """
        at = clock.now()
        is_done = check_now(user=cast("User", request.user), at=at) == Check.DONE
        found = books_of(BooksCheck.objects.newest(), at=at)
        status = HTTPStatus.OK if is_done else HTTPStatus.ACCEPTED
        return Response(CheckedOut({**found, "is_queued": not is_done}).data, status=status)
