from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class BackOfficeConfig(AppConfig):
    name = "mdv.backoffice"
    default = True


class AdminSiteConfig(admin_apps.AdminConfig):
    """Makes :class:`~mdv.backoffice.site.BackOfficeSite` the admin site."""

    default = False
    default_site = "mdv.backoffice.site.BackOfficeSite"
