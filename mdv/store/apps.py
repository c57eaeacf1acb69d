from django.apps import AppConfig


class StoreConfig(AppConfig):
    name = "mdv.store"
