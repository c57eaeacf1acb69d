"""Whom the demo data can be looked at as. Printed by `make run`, created by the demo data."""

DOMAIN = "mdv.example"
PASSWORD = "demo-mdv-2026"  # noqa: S105  (printed on purpose; demo data exist in local mode only)

STAFF = {
    "admin": f"admin@{DOMAIN}",
    "supervisor": f"supervisor@{DOMAIN}",
    "operations": f"operations@{DOMAIN}",
    "logistics": f"logistics@{DOMAIN}",
    "support": f"support@{DOMAIN}",
    "auditor": f"auditor@{DOMAIN}",
}
CUSTOMERS = tuple(f"customer{number}@{DOMAIN}" for number in range(1, 51))
CUSTOMER = CUSTOMERS[0]
