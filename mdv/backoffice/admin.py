"""Loads the pages of the back office that cross apps; each app's own are in its admin.py."""

from mdv.backoffice import orders, people

__all__ = ["orders", "people"]
