from django.apps import AppConfig


class AdminBaseConfig(AppConfig):
    name = "mdv.admin"
    label = "mdv_admin"
