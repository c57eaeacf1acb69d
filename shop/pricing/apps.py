from django.apps import AppConfig


class PricingConfig(AppConfig):
    name = "shop.pricing"
