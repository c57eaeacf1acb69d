"""What `make run` says to the person in front of it."""

import sys

from mdv.ops import demo_accounts

SIMULATED = """Paystack and Stripe are simulated: the address that an order gives to pay at is a
  page of theirs, where Pay pays it and no money moves."""
REAL = "Orders are paid at the providers whose keys are set."


def say(text: str) -> None:
    """Show one message at once, also through a pipe."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def where_to_look(port: int, *, simulates_payments: bool) -> str:
    """Return the addresses of the open shop, whom to log in as, and how orders are paid."""
    shop = f"http://localhost:{port}"
    staff = "\n".join(f"    {email:<24} {role}" for role, email in demo_accounts.STAFF.items())
    return f"""
The shop is open. Ctrl-C closes it.

  Start here     {shop}/
  Back office    {shop}/admin/
  API            {shop}/api/docs/
  Health         {shop}/health

  Log in as (password {demo_accounts.PASSWORD})
{staff}
    {demo_accounts.CUSTOMER:<24} customer

  {SIMULATED if simulates_payments else REAL}
"""
