"""Loads the pages of the back office that cross apps; each app's own are in its admin.py."""

from mdv.backoffice import books, exceptions, jobs, mails, orders, people, stock_card

__all__ = ["books", "exceptions", "jobs", "mails", "orders", "people", "stock_card"]
