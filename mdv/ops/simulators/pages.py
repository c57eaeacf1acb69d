"""What a payer sees: plain HTML, with a style sheet of our own and nothing else."""

from html import escape

from mdv.ops.simulators.exchange import Answer, as_page
from mdv.ops.simulators.sale import Sale

# Of what is sold in tests; shown to people only, so an unknown currency may look odd.
DECIMALS = {"JPY": 0, "KRW": 0, "XOF": 2, "BHD": 3, "KWD": 3, "TND": 3}

STYLE = """
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; color: #1d2433; background: #f3f5f9 }
main { max-width: 26rem; margin: 8vh auto; padding: 2rem; background: #fff; border-radius: 12px;
  box-shadow: 0 2px 16px #1d243318 }
h1 { margin: 0; font-size: 1rem; font-weight: 600 }
p { margin: .25rem 0; color: #59627a }
.amount { margin: 1rem 0; font-size: 2rem; font-weight: 600; color: #1d2433 }
.note { margin-top: 1.5rem; padding: .5rem .75rem; border-radius: 8px; background: #fff4d6;
  color: #6b4e00; font-size: .875rem }
form { display: grid; gap: .5rem; margin-top: 1rem }
button { padding: .625rem; border: 1px solid #c9d0de; border-radius: 8px; background: #fff;
  font: inherit; cursor: pointer }
button:hover, button:focus-visible { border-color: #1d2433 }
button.main { border-color: #14704a; background: #14704a; color: #fff; font-weight: 600 }
details { margin-top: .5rem } summary { color: #59627a; cursor: pointer }
details button { display: block; width: 100%; margin-top: .5rem }
"""


def payer_page(provider: str, sale: Sale, more: dict[str, str]) -> Answer:
    """Show what is to be paid, and the buttons. ``more`` are further ways to pay, for trying."""
    declined = "<p role='alert'>The card was declined. Try again?</p>"
    tries = {
        "pay_short": "Pay half of it",
        "pay_over": "Pay twice as much",
        "pay_other_currency": "Pay in another currency",
        **more,
    }
    return _page(
        provider,
        f"""<p>{escape(sale.title)}</p>
<p class="amount">{_amount(sale)}</p>
<p>{escape(sale.email)}</p>
{declined if sale.status == "declined" else ""}
<form method="post">
{_button("pay", "Pay", css="main")}
{_button("decline", "Have the card declined")}
{_button("leave", "Leave without paying")}
<details><summary>Things that go wrong</summary>
{"".join(_button(action, words) for action, words in tries.items())}
</details>
</form>""",
    )


def closed_page(provider: str, status: int) -> Answer:
    """Say that nothing can be paid here, or no longer."""
    return _page(provider, "<p>This payment is over, or there never was one.</p>", status)


def _page(provider: str, content: str, status: int = 200) -> Answer:
    return as_page(
        f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{provider} (simulated)</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,"><link rel="stylesheet" href="/style.css"></head>
<body><main><h1>{provider}, simulated</h1>
{content}
<p class="note">No money moves here. This page stands in for {provider}'s own.</p>
</main></body></html>""",
        status,
    )


def _button(action: str, words: str, *, css: str = "") -> str:
    return f'<button name="action" value="{action}" class="{css}">{escape(words)}</button>\n'


def _amount(sale: Sale) -> str:
    decimals = DECIMALS.get(sale.currency, 2)
    return f"{sale.currency} {sale.amount / 10**decimals:,.{decimals}f}"
