"""The first page of the API's description, and its areas."""

INTRODUCTION = """\
The API of a shop run on mdv. JSON in, JSON out; unknown fields and parameters are refused.

- **Logging in**: `POST /api/v1/auth/login` gives a token. Send it as `Authorization: Bearer …`.
- **Guests** need none. A cart opens with its token in the path, an order with its `access_token`
  in the header `X-Order-Token`.
- **Money** is a string with two places, such as `"1500.00"`, in the `currency` that the same object
  names. Times are RFC 3339 in UTC. Countries are ISO 3166-1 codes such as `NG`.
- **Lists** come in pages: `results`, and in `next` the address of the next page or null.
  `page_size` is 20 unless you ask for another, in staff lists 100.
- **Limits**: `X-RateLimit-Limit`, `-Remaining` and `-Reset` (seconds) say how much is left. Above
  it comes a 429 with `Retry-After`.
- **Refusals** are `application/problem+json` (RFC 9457). Rely on `code`: it is stable, `detail` is
  for people. `errors` names the fields. Each operation lists its codes per status.
- **Versions**: reading gives an `ETag`. Staff send it as `If-Match` with a PATCH: 428 without it,
  412 if somebody changed the same thing meanwhile. `If-None-Match` on a read may answer 304.
- **Idempotency-Key**: requests that must not happen twice need one of your making. The same key
  with the same body gets the first answer again, marked `Idempotent-Replayed`; with another body
  it gets a 422.
- **Asking us**: name the `X-Request-ID` of the answer. You may send one of your own.
"""

# The longest beginning of a path below /api/v1/ decides.
AREAS = {
    "auth": "Account",
    "auth/addresses": "Addresses",
    "categories": "Catalogue",
    "products": "Catalogue",
    "reviews": "Reviews",
    "wishlist": "Wishlist",
    "carts": "Carts",
    "orders": "Orders",
    "payments": "Payments",
    "webhooks": "Payments",
    "events": "Events",
    "performance": "Performance",
    "staff/categories": "Staff: catalogue",
    "staff/products": "Staff: catalogue",
    "staff/variants": "Staff: catalogue",
    "staff/images": "Staff: catalogue",
    "staff/stock": "Staff: stock",
    "staff/orders": "Staff: orders",
    "staff/payments": "Staff: payments",
    "staff/exceptions": "Staff: payments",
    "staff/shipments": "Staff: shipments",
    "staff/refunds": "Staff: refunds",
    "staff/returns": "Staff: refunds",
    "staff/coupons": "Staff: prices",
    "staff/zones": "Staff: prices",
    "staff/tax-rates": "Staff: prices",
    "staff/customers": "Staff: people",
    "staff/users": "Staff: people",
    "staff/reviews": "Staff: reviews",
    "staff/reports": "Staff: reports",
    "staff/audit": "Staff: oversight",
    "staff/blocks": "Staff: oversight",
    "staff/books": "Staff: oversight",
    "staff/mails": "Staff: oversight",
    "staff/webhooks": "Staff: webhooks",
}
SENTENCES = {
    "Account": "Registering, logging in and out, one's own profile, password and devices.",
    "Addresses": "One's own address book.",
    "Catalogue": "What is sold, as everybody sees it.",
    "Reviews": "What customers say about products.",
    "Wishlist": "What a customer would like to have one day.",
    "Carts": "Filling a cart and finding out what it costs. A cart holds no stock.",
    "Orders": "Placing orders, following and cancelling them.",
    "Payments": "Paying, and what payment providers tell the shop.",
    "Events": "What happened in the shop, in its order.",
    "Performance": "How fast the shop answers.",
    "Staff: catalogue": "Keeping categories, products, variants and pictures.",
    "Staff: stock": "Levels with their ledger: receiving goods and correcting counts.",
    "Staff: orders": "All orders: confirming, cancelling, remarks, money that arrived.",
    "Staff: payments": "Payments and what needs somebody's decision.",
    "Staff: shipments": "Packing orders into parcels, and following those to the door.",
    "Staff: refunds": "Giving money back, and goods that come back.",
    "Staff: prices": "Coupons, shipping zones and tax rates.",
    "Staff: people": "Customers, staff and their roles.",
    "Staff: reviews": "Publishing and rejecting reviews.",
    "Staff: reports": "Figures to read and to download.",
    "Staff: oversight": "Who did what, what is blocked, whether the books balance.",
    "Staff: webhooks": "Whom the shop tells what happened.",
}
