"""The site as it is, and beside it the views of the tests."""

from django.urls import path

from mdv import urls as site
from mdv.urls import handler400, handler403, handler404, handler500  # noqa: F401
from tests.http import lists, views

urlpatterns = [
    path("api/v1/fails/<str:name>", views.Failing.as_view()),
    path("api/v1/echo", views.Echo.as_view()),
    path("api/v1/protected", views.Protected.as_view()),
    path("api/v1/for-auditors", views.ForAuditors.as_view()),
    path("api/v1/by-method", views.ByMethod.as_view()),
    path("api/v1/refused", views.Refused.as_view()),
    path("api/v1/adding", views.Adding.as_view()),
    path("api/v1/deleting/<int:pk>", views.Deleting.as_view()),
    path("api/v1/cached", views.Cached.as_view()),
    path("api/v1/cart/<str:token>", views.Cart.as_view()),
    path("api/v1/broken-cart/<str:token>", views.BrokenCart.as_view()),
    path("api/v1/things", lists.Things.as_view()),
    path("api/v1/plain/<str:name>", views.plain),
    path("plain/<str:name>", views.plain),
    path("page", views.page),
    path("add", views.add),
    *site.urlpatterns,
]
