"""The site: landing page, admin, API, health."""

from django.contrib import admin
from django.urls import include, path

from mdv import api
from mdv.accounts.views.reset_page import ask_for_link, choose_password
from mdv.ops import views as ops
from refunds.views.customer_refunds import credit_note_by_link
from shop.catalog.views.media import picture
from shop.payments.views.online import payment_return
from shop.payments.views.papers import paper_by_link
from shop.payments.views.pay_page import pay_by_link

urlpatterns = [
    path("", ops.landing, name="landing"),
    path("admin/", admin.site.urls),
    path("api/", include(api)),
    path("password-reset", ask_for_link, name="forgotten-password"),
    path("password-reset/<str:uid>/<str:token>", choose_password, name="password-reset"),
    path("payments/<plain:reference>", payment_return, name="payment-return"),
    path("pay/<str:signed>", pay_by_link, name="pay"),
    path("papers/<str:signed>", paper_by_link, name="paper"),
    path("credit-notes/<str:signed>", credit_note_by_link, name="credit-note"),
    path("media/<path:name>", picture, name="media"),
    path("health", ops.check, name="health"),
    path("health/books", ops.books, name="health-books"),
    path("health/live", ops.live, name="health-live"),
    path("health/ready", ops.ready, name="health-ready"),
]

handler400 = "mdv.http.problems.bad_request"
handler403 = "mdv.http.problems.forbidden"
handler404 = "mdv.http.problems.not_found"
handler500 = "mdv.http.problems.server_error"
