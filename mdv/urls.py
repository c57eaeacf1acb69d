"""The site: landing page, admin, API."""

from django.contrib import admin
from django.urls import include, path

from mdv import api

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/", include(api)),
]

handler400 = "mdv.http.problems.bad_request"
handler403 = "mdv.http.problems.forbidden"
handler404 = "mdv.http.problems.not_found"
handler500 = "mdv.http.problems.server_error"
