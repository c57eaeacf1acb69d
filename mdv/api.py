"""Every public route of the API, on one screen."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from mdv.accounts.views.addresses import AddressesView, AddressView
from mdv.accounts.views.passwords import PasswordView, RequestResetView, ResetPasswordView
from mdv.accounts.views.profile import MeView, TokensView, TokenView
from mdv.accounts.views.session import LogInView, LogOutEverywhereView, LogOutView, RegisterView
from shop.catalog.views.public import CategoryViews, ProductViews

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
    path("categories/<str:slug>", CategoryViews.as_view({"get": "retrieve"})),
    path("products", ProductViews.as_view({"get": "list"})),
    path("products/filters", ProductViews.as_view({"get": "filters"})),
    path("products/suggestions", ProductViews.as_view({"get": "suggestions"})),
    path("products/<str:slug>", ProductViews.as_view({"get": "retrieve"})),
    path("products/<str:slug>/recommendations", ProductViews.as_view({"get": "recommendations"})),
]

urlpatterns = [
    path("v1/", include([*accounts, *catalogue])),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
]
