"""Loads the pages of the back office that cross apps; each app's own are in its admin.py."""

from mdv.backoffice import exceptions, jobs, mails, orders, people, stock_card

__all__ = ["exceptions", "jobs", "mails", "orders", "people", "stock_card"]
