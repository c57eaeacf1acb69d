"""A table to page through, and the view that does."""

from django.db import connection, models
from django.db.models import F, FloatField
from django.db.models.functions import Cast
from rest_framework.permissions import AllowAny
from rest_framework.views import APIView

from mdv.http.pagination import Pages
from mdv.kernel.money import MoneyField

ORDERS = {
    "default": ["pk"],
    "same": ["same", "id"],
    "-same": ["-same", "-id"],
    "name": ["name", "pk"],
    "-price": ["-price", "pk"],
    "made_at": ["made_at", "-pk"],
    "-made_at": ["-made_at", "pk"],
    "day": ["day", "pk"],
    "active": ["-is_active", "pk"],
    "maybe": ["maybe", "pk"],
    "-maybe": ["-maybe", "pk"],
    "maybe,price": ["maybe", "-price", "pk"],
    "rank": ["-rank", "pk"],
    "half": ["half", "pk"],
}


class Thing(models.Model):  # noqa: DJ008
    same = models.IntegerField()
    name = models.CharField(max_length=20)
    price = MoneyField()
    made_at = models.DateTimeField()
    day = models.DateField()
    is_active = models.BooleanField()
    maybe = models.IntegerField(null=True)
    weight = models.FloatField()

    class Meta:
        app_label = "http_tests"
        managed = False


def make(count):
    """Make `count` things, with many ties in every column."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            CREATE TEMPORARY TABLE http_tests_thing ON COMMIT DROP AS
            SELECT n AS id, 7 AS same, 'n' || mod(n, 13) AS name,
                mod(n, 17)::numeric / 4 AS price,
                '2026-01-01'::timestamptz + mod(n, 5) * interval '1.000001 s' AS made_at,
                '2026-01-01'::date + mod(n, 3) AS day, mod(n, 2) = 0 AS is_active,
                CASE WHEN mod(n, 4) > 0 THEN mod(n, 4) END AS maybe, mod(n, 7)::real / 3 AS weight
            FROM generate_series(1, %s) AS n ORDER BY random()
            """,
            [count],
        )


class Things(APIView):
    permission_classes = (AllowAny,)

    def queryset(self):
        return Thing.objects.annotate(rank=Cast("weight", FloatField()), half=F("price") / 2)

    def get(self, request):
        order = ORDERS[request.query_params.get("ordering", "default")]
        pages = Pages()
        rows = pages.paginate_queryset(self.queryset().order_by(*order), request, self)
        return pages.get_paginated_response([row.pk for row in rows])
