"""A list answers what its filters offer: nobody reads by counting rows what no page shows."""

import pytest
from django.contrib.admin import site

from mdv.accounts.models import User
from tests.backoffice.pages import our_models

LOOKUPS = (
    "",
    "__exact",
    "__startswith",
    "__contains",
    "__gte",
    "__isnull",
    "__year__gte",
    "__range",
)
# What filters and our own links ask for.
OFFERED = {
    "accounts.user": {"is_active__exact", "is_active__isnull", "role"},
    "audit.auditentry": {
        "action__exact",
        "action__isnull",
        "content_type__id__exact",
        "object_pk",
        "outcome__exact",
        "outcome__isnull",
        "source",
        "timestamp__gte",
        "timestamp__lt",
    },
    "catalog.product": {
        "on_sale__exact",
        "on_sale__isnull",
        "status__exact",
        "status__isnull",
    },
    "catalog.variant": {
        "in_stock__exact",
        "in_stock__isnull",
        "is_archived__exact",
        "is_archived__isnull",
    },
    "events.event": {"kind"},
    "events.webhookdelivery": {"state__exact", "state__isnull"},
    "fulfilment.shipment": {"held", "state", "worklist"},
    "mail.mail": {
        "created_at__gte",
        "created_at__lt",
        "state__exact",
        "state__isnull",
    },
    "payments.gatewayevent": {"outcome", "settled"},
    "orders.order": {"delivery_method", "payment_method", "payment_status", "status"},
    "refunds.refund": {"method", "source", "state", "worklist"},
    "refunds.return": {"reason", "state", "worklist"},
    "pricing.coupon": {
        "is_active__exact",
        "is_active__isnull",
        "kind__exact",
        "kind__isnull",
    },
    "stock.stockitem": {"level"},
}
SECRETS = [
    "accounts/user/?password__startswith=argon2",
    "accounts/user/?auth_token_set__digest__startswith=a",
    "accounts/user/?session_epoch=1",
    "orders/order/?access_salt__startswith=a",
    "orders/order/?shipping_address__street__contains=Marina",
    "mail/mail/?text__contains=Ada",
    "mail/mail/?created_at__year__gte=99999999",
    "orders/order/?id__range=1",
    "orders/order/?created_at__year__gte=99999999",
]
JUNK = (
    "99999999",
    "x",
    "-1",
    "0001-01-01 00:00+14:00",
    "9999-12-31 23:59-12:00",
    "99999-01-01",
    "a\0b",
    "",
    "%",
)


def url_of(model):
    return f"/admin/{model._meta.app_label}/{model._meta.model_name}/"


def paths_of(model):
    """Every column of a model and of what is one step away, as a lookup names it."""
    for field in model._meta.get_fields(include_hidden=True):
        name = field.name
        yield name
        if field.is_relation and field.related_model:
            yield from (f"{name}__{one.name}" for one in field.related_model._meta.get_fields())


@pytest.mark.parametrize("model", our_models(), ids=lambda model: model._meta.label_lower)
def test_of_all_columns_and_their_relations_only_the_filters_are_allowed(model, rf):
    pages = site.get_model_admin(model)
    asked = {f"{path}{lookup}" for path in paths_of(model) for lookup in LOOKUPS}
    asked |= OFFERED.get(model._meta.label_lower, set())

    allowed = {lookup for lookup in asked if pages.lookup_allowed(lookup, "1", rf.get("/"))}

    assert allowed == OFFERED.get(model._meta.label_lower, set())


@pytest.mark.parametrize("path", SECRETS)
def test_what_no_filter_offers_is_refused_whatever_it_would_find(shop, admin, path):
    assert User.objects.filter(password__startswith="argon2").exists()

    assert admin.get(f"/admin/{path}").status_code == 400


@pytest.mark.parametrize("value", JUNK)
def test_no_value_of_a_filter_breaks_a_list(shop, admin, value):
    asked = [
        (url_of(model), lookup)
        for model in our_models()
        for lookup in OFFERED.get(model._meta.label_lower, set())
    ]

    statuses = {admin.get(url, {lookup: value}).status_code for url, lookup in asked}

    assert statuses <= {200, 302, 400}


def test_the_link_to_an_objects_history_still_leads_there(shop, admin):
    answer = admin.get(f"{url_of(type(shop.order))}{shop.order.pk}/history/", follow=True)

    assert answer.status_code == 200
    assert {entry.object_pk for entry in answer.context["cl"].result_list} == {str(shop.order.pk)}
