"""schemathesis over the whole schema against the running shop, as guest, customer and staff.

Whatever is sent, no answer is a 5xx, and each answer is one that the schema describes.
"""

import logging
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from django.contrib.auth.models import Group

from mdv.accounts.models import ApiToken, RoleGrant, User
from shop.catalog import services as catalog
from shop.catalog.states import ProductStatus
from shop.pricing.models import ShippingZone
from shop.stock.services import receive_stock

pytestmark = [pytest.mark.slow, pytest.mark.schema, pytest.mark.django_db(transaction=True)]

# `make test-schema EXAMPLES=100` asks for more.
EXAMPLES_PER_OPERATION = os.environ.get("EXAMPLES", "4")
# Tokens are ours to send or not; identifiers that exist lead further than invented ones.
CONFIGURATION = """
[generation]
with-security-parameters = false

[parameters]
"path.slug" = "blue-shirt"
"path.sku" = "SHIRT-S"
"""
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_headers_conformance,response_schema_conformance"
)


def token_of(role=None):
    person = User.objects.create(email=f"{role or 'customer'}@example.com", password="!")
    if role:
        RoleGrant.objects.create(user=person, group=Group.objects.get(name=role))
    _, token = ApiToken.objects.create(person)
    return token


@pytest.fixture
def shop(live_server):
    product = catalog.create_product(title="Blue shirt", option_names=["Size"])
    for size in ("S", "M"):
        variant = catalog.create_variant(
            product_id=product.pk, sku=f"SHIRT-{size}", price=Decimal(10), option_values=[size]
        )
        receive_stock(variant_id=variant.pk, quantity=1000)
    catalog.set_product_status(product_id=product.pk, status=ProductStatus.ACTIVE)
    ShippingZone.objects.create(name="Everywhere", fee=5, is_default=True)
    return live_server


def told_by(output):
    """Return what schemathesis found, without its progress."""
    return output[output.find("= FAILURES") :][-20_000:]


@pytest.mark.parametrize(
    ("who", "paths"),
    [
        ("guest", r"^/api/v1/(?!staff/)"),
        ("customer", r"^/api/v1/(?!staff/)"),
        ("admin", "^/api/v1/staff/"),
    ],
)
def test_no_request_makes_the_shop_fail_or_answer_off_its_schema(shop, who, paths, tmp_path):
    logging.disable(logging.CRITICAL)
    (tmp_path / "schemathesis.toml").write_text(CONFIGURATION)
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        "run",
        f"{shop.url}/api/schema/",
        f"--include-path-regex={paths}",
        f"--checks={CHECKS}",
        f"--max-examples={EXAMPLES_PER_OPERATION}",
        "--phases=examples,coverage,fuzzing",
        "--generation-database=none",
        "--seed=1",
        "--no-color",
        "--continue-on-failure",
        "--suppress-health-check=all",
        "--header=Idempotency-Key: 0123456789abcdef-schema",
    ]
    if who != "guest":
        token = token_of("admin" if who == "admin" else None)
        command.append(f"--header=Authorization: Bearer {token}")

    run = subprocess.run(  # noqa: S603  (our own command)
        command, capture_output=True, text=True, cwd=tmp_path, check=False
    )

    logging.disable(logging.NOTSET)
    assert run.returncode == 0, told_by(run.stdout) + run.stderr[-2_000:]
