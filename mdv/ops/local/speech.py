"""What `make run` says to the person in front of it."""

import sys

from mdv.ops import demo_accounts


def say(text: str) -> None:
    """Show one message at once, also through a pipe."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def where_to_look(port: int) -> str:
    """Return the addresses of the open shop and whom to log in as."""
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
"""
