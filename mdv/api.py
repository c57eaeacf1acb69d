"""Every public route of the API, on one screen."""

from typing import Any

from django.urls import include, path, re_path, register_converter
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from mdv.accounts.views.addresses import AddressesView, AddressView
from mdv.accounts.views.passwords import PasswordView, RequestResetView, ResetPasswordView
from mdv.accounts.views.profile import MeView, TokensView, TokenView
from mdv.accounts.views.session import LogInView, LogOutEverywhereView, LogOutView, RegisterView
from mdv.events.views import (
    DeliveriesView,
    EventsView,
    PingView,
    RedeliverView,
    RotateSecretView,
    WebhookViews,
)
from mdv.http.paths import PlainConverter
from mdv.ops.books_views import BooksView, CheckBooksView
from refunds.views.cancelling import OwedOrdersView, PlanCancellationView, StaffCancelOrderView
from refunds.views.customer import CancelReturnView, ReturnsView
from refunds.views.customer_refunds import CreditNoteView, OwnRefundsView, StaffCreditNoteView
from refunds.views.deciding import (
    ApproveRefundView,
    CancelRefundView,
    LookUpRefundView,
    RejectRefundView,
    RetryRefundView,
    TransferredView,
)
from refunds.views.planning import PlanRefundView, RequestRefundView
from refunds.views.refunds import RefundsView, RefundView
from refunds.views.staff import (
    ApproveReturnView,
    CloseReturnView,
    OrderReturnsView,
    ReceiveReturnView,
    RejectReturnView,
    ReturnView,
    StaffCancelReturnView,
)
from refunds.views.staff import ReturnsView as StaffReturnsView
from shop.carts.views import (
    CartCouponView,
    CartLinesView,
    CartLineView,
    CartQuoteView,
    CartsView,
    CartView,
    ClaimCartView,
)
from shop.catalog.views.public import (
    CategoryViews,
    ProductViews,
    RecommendationsView,
    SuggestionsView,
)
from shop.catalog.views.staff.categories import StaffCategoriesView, StaffCategoryView
from shop.catalog.views.staff.images import PrimaryImageView, StaffImagesView, StaffImageView
from shop.catalog.views.staff.products import (
    StaffProductStatusView,
    StaffProductsView,
    StaffProductView,
)
from shop.catalog.views.staff.variants import (
    ArchiveVariantView,
    RestoreVariantView,
    StaffVariantsView,
    StaffVariantView,
)
from shop.fulfilment.views.bulk import BulkView, PackingSlipView, PickListView
from shop.fulfilment.views.customer import TrackingView
from shop.fulfilment.views.staff import (
    CancelShipmentView,
    DeliverView,
    DispatchView,
    InTransitView,
    OrderShipmentsView,
    OrdersToPackView,
    ReadyView,
    ReturnedView,
    ShipmentLinesView,
    ShipmentsView,
    ShipmentTrackingView,
    ShipmentView,
)
from shop.orders.views import (
    CancelOrderView,
    ConfirmOrderView,
    InvoiceView,
    MissingMoneyView,
    OrderNotesView,
    ReorderView,
    StaffInvoiceView,
    StaffOrdersView,
)
from shop.payments.views.customer import OrdersView, OrderView
from shop.payments.views.online import StartPaymentView, VerifyPaymentView
from shop.payments.views.papers import ReceiptView
from shop.payments.views.staff import OrderPaymentsView, StaffOrderView
from shop.payments.views.webhooks import PaystackWebhookView, StripeWebhookView
from shop.pricing.views import CouponViews, TaxRateViews, ZoneViews
from shop.stock.views import (
    AdjustView,
    LevelsView,
    LevelView,
    LowLevelsView,
    LowLevelView,
    ReceiveView,
)

register_converter(PlainConverter, "plain")

COLLECTION: dict[str, Any] = {"get": "list", "post": "create"}
ONE: dict[str, Any] = {"get": "retrieve", "patch": "partial_update", "delete": "destroy"}

accounts = [
    path("auth/register", RegisterView.as_view()),
    path("auth/login", LogInView.as_view()),
    path("auth/logout", LogOutView.as_view()),
    path("auth/logout-all", LogOutEverywhereView.as_view()),
    path("auth/me", MeView.as_view()),
    path("auth/password", PasswordView.as_view()),
    path("auth/password/reset", RequestResetView.as_view()),
    path("auth/password/reset/confirm", ResetPasswordView.as_view()),
    path("auth/tokens", TokensView.as_view()),
    path("auth/tokens/<uuid:public_id>", TokenView.as_view()),
    path("auth/addresses", AddressesView.as_view()),
    path("auth/addresses/<uuid:address_id>", AddressView.as_view(), name="address"),
]

catalogue = [
    path("categories", CategoryViews.as_view({"get": "list"})),
    path("categories/<slug:slug>", CategoryViews.as_view({"get": "retrieve"})),
    path("products", ProductViews.as_view({"get": "list"})),
    path("products/filters", ProductViews.as_view({"get": "filters"})),
    path("products/suggestions", SuggestionsView.as_view()),
    path("products/<slug:slug>", ProductViews.as_view({"get": "retrieve"})),
    path("products/<slug:slug>/recommendations", RecommendationsView.as_view()),
]

staff_catalogue = [
    path("staff/categories", StaffCategoriesView.as_view()),
    path("staff/categories/<slug:slug>", StaffCategoryView.as_view(), name="staff-category"),
    path("staff/products", StaffProductsView.as_view()),
    path("staff/products/<slug:slug>", StaffProductView.as_view(), name="staff-product"),
    path("staff/products/<slug:slug>/status", StaffProductStatusView.as_view()),
    path("staff/products/<slug:slug>/variants", StaffVariantsView.as_view()),
    path("staff/products/<slug:slug>/images", StaffImagesView.as_view()),
    path("staff/variants/<plain:sku>", StaffVariantView.as_view(), name="staff-variant"),
    path("staff/variants/<plain:sku>/archive", ArchiveVariantView.as_view()),
    path("staff/variants/<plain:sku>/restore", RestoreVariantView.as_view()),
    path("staff/images/<int:image_id>", StaffImageView.as_view(), name="staff-image"),
    path("staff/images/<int:image_id>/primary", PrimaryImageView.as_view()),
    path("staff/stock", LevelsView.as_view()),
    path("staff/stock/low", LowLevelsView.as_view()),
    path("staff/stock/<plain:sku>", LevelView.as_view()),
    path("staff/stock/<plain:sku>/adjust", AdjustView.as_view()),
    path("staff/stock/<plain:sku>/receive", ReceiveView.as_view()),
    path("staff/stock/<plain:sku>/low-level", LowLevelView.as_view()),
]

carts = [
    path("carts", CartsView.as_view()),
    path("carts/<plain:token>", CartView.as_view(), name="cart"),
    path("carts/<plain:token>/lines", CartLinesView.as_view()),
    path("carts/<plain:token>/lines/<plain:sku>", CartLineView.as_view()),
    path("carts/<plain:token>/coupon", CartCouponView.as_view()),
    path("carts/<plain:token>/quote", CartQuoteView.as_view()),
    path("carts/<plain:token>/claim", ClaimCartView.as_view()),
]

orders = [
    path("orders", OrdersView.as_view()),
    path("orders/<plain:number>", OrderView.as_view(), name="order"),
    path("orders/<plain:number>/cancel", CancelOrderView.as_view()),
    path("orders/<plain:number>/reorder", ReorderView.as_view()),
    path("orders/<plain:number>/payments", StartPaymentView.as_view()),
    path("payments/<plain:reference>/verify", VerifyPaymentView.as_view()),
    path("webhooks/paystack", PaystackWebhookView.as_view()),
    path("webhooks/stripe", StripeWebhookView.as_view()),
    path("orders/<plain:number>/invoice.pdf", InvoiceView.as_view()),
    path("orders/<plain:number>/receipt", ReceiptView.as_view()),
    path("orders/<plain:number>/tracking", TrackingView.as_view()),
    path("orders/<plain:number>/returns", ReturnsView.as_view()),
    path("orders/<plain:number>/returns/<plain:returned>/cancel", CancelReturnView.as_view()),
    path("orders/<plain:number>/refunds", OwnRefundsView.as_view()),
    path("orders/<plain:number>/credit-notes/<plain:note>.pdf", CreditNoteView.as_view()),
]

staff_orders = [
    path("staff/orders", StaffOrdersView.as_view()),
    path("staff/orders/<plain:number>", StaffOrderView.as_view()),
    path("staff/orders/<plain:number>/invoice.pdf", StaffInvoiceView.as_view()),
    path("staff/orders/<plain:number>/confirm", ConfirmOrderView.as_view()),
    path("staff/orders/<plain:number>/cancel/preview", PlanCancellationView.as_view()),
    path("staff/orders/<plain:number>/cancel", StaffCancelOrderView.as_view()),
    path("staff/orders/<plain:number>/missing-money", MissingMoneyView.as_view()),
    path("staff/orders/<plain:number>/notes", OrderNotesView.as_view()),
    path("staff/orders/<plain:number>/payments", OrderPaymentsView.as_view()),
    path("staff/orders/<plain:number>/shipments", OrderShipmentsView.as_view()),
    path("staff/orders/<plain:number>/returns", OrderReturnsView.as_view()),
    path("staff/orders/<plain:number>/refunds", RequestRefundView.as_view()),
    path("staff/orders/<plain:number>/refunds/preview", PlanRefundView.as_view()),
]

shipments = [
    path("staff/shipments", ShipmentsView.as_view()),
    path("staff/shipments/waiting", OrdersToPackView.as_view()),
    path("staff/shipments/bulk", BulkView.as_view()),
    path("staff/shipments/pick-list.pdf", PickListView.as_view()),
    path("staff/shipments/<plain:number>", ShipmentView.as_view(), name="shipment"),
    path("staff/shipments/<plain:number>/lines", ShipmentLinesView.as_view()),
    path("staff/shipments/<plain:number>/packing-slip.pdf", PackingSlipView.as_view()),
    path("staff/shipments/<plain:number>/ready", ReadyView.as_view()),
    path("staff/shipments/<plain:number>/dispatch", DispatchView.as_view()),
    path("staff/shipments/<plain:number>/tracking", ShipmentTrackingView.as_view()),
    path("staff/shipments/<plain:number>/in-transit", InTransitView.as_view()),
    path("staff/shipments/<plain:number>/deliver", DeliverView.as_view()),
    path("staff/shipments/<plain:number>/returned", ReturnedView.as_view()),
    path("staff/shipments/<plain:number>/cancel", CancelShipmentView.as_view()),
]

returns = [
    path("staff/returns", StaffReturnsView.as_view()),
    path("staff/returns/<plain:number>", ReturnView.as_view(), name="return"),
    path("staff/returns/<plain:number>/approve", ApproveReturnView.as_view()),
    path("staff/returns/<plain:number>/reject", RejectReturnView.as_view()),
    path("staff/returns/<plain:number>/receive", ReceiveReturnView.as_view()),
    path("staff/returns/<plain:number>/close", CloseReturnView.as_view()),
    path("staff/returns/<plain:number>/cancel", StaffCancelReturnView.as_view()),
]

refunds = [
    path("staff/refunds", RefundsView.as_view()),
    path("staff/refunds/owed", OwedOrdersView.as_view()),
    path("staff/refunds/<plain:number>", RefundView.as_view()),
    path("staff/refunds/<plain:number>/credit-note.pdf", StaffCreditNoteView.as_view()),
    path("staff/refunds/<plain:number>/approve", ApproveRefundView.as_view()),
    path("staff/refunds/<plain:number>/reject", RejectRefundView.as_view()),
    path("staff/refunds/<plain:number>/cancel", CancelRefundView.as_view()),
    path("staff/refunds/<plain:number>/retry", RetryRefundView.as_view()),
    path("staff/refunds/<plain:number>/lookup", LookUpRefundView.as_view()),
    path("staff/refunds/<plain:number>/transferred", TransferredView.as_view()),
]

staff_pricing = [
    path("staff/coupons", CouponViews.as_view(COLLECTION)),
    path("staff/coupons/<plain:code>", CouponViews.as_view(ONE), name="coupon"),
    path("staff/zones", ZoneViews.as_view(COLLECTION)),
    path("staff/zones/<int:zone_id>", ZoneViews.as_view(ONE), name="zone"),
    path("staff/tax-rates", TaxRateViews.as_view(COLLECTION)),
    path("staff/tax-rates/<int:rate_id>", TaxRateViews.as_view(ONE), name="tax-rate"),
]

events = [
    path("events", EventsView.as_view()),
    path("staff/webhooks", WebhookViews.as_view(COLLECTION)),
    path(
        "staff/webhooks/<int:target_id>",
        WebhookViews.as_view({"get": "retrieve", "patch": "partial_update"}),
        name="webhook",
    ),
    path("staff/webhooks/<int:target_id>/rotate-secret", RotateSecretView.as_view()),
    path("staff/webhooks/<int:target_id>/ping", PingView.as_view()),
    path("staff/webhooks/<int:target_id>/deliveries", DeliveriesView.as_view()),
    path(
        "staff/webhooks/<int:target_id>/deliveries/<int:delivery_id>/redeliver",
        RedeliverView.as_view(),
    ),
]

oversight = [
    path("staff/books", BooksView.as_view()),
    path("staff/books/check", CheckBooksView.as_view()),
]

shop = [*catalogue, *carts, *orders]
staff = [
    *staff_catalogue,
    *staff_orders,
    *shipments,
    *returns,
    *refunds,
    *staff_pricing,
    *events,
    *oversight,
]

urlpatterns = [
    path("v1/", include([*accounts, *shop, *staff])),
    re_path("^schema/?$", SpectacularAPIView.as_view(), name="schema"),
    re_path("^docs/?$", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
]
