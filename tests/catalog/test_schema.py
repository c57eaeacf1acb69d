"""What the API says of itself is what it does: real answers, held to the published schema."""

import re

import jsonschema
import pytest
from drf_spectacular.generators import SchemaGenerator

from shop.catalog import services
from tests.catalog.shelf import make_product, make_variant, picture

pytestmark = pytest.mark.django_db

PUBLIC = [
    "/categories",
    "/categories/shoes",
    "/products",
    "/products/boot",
    "/products/lamp",
    "/products/boot/recommendations",
    "/products/filters",
    "/products/suggestions?q=boot",
]
FOR_STAFF = [
    "/staff/categories",
    "/staff/categories/shoes",
    "/staff/products",
    "/staff/products/boot",
    "/staff/products/draft",
    "/staff/products/boot/variants",
    "/staff/variants/BOOT-41",
    "/staff/products/boot/images",
    "/staff/stock",
    "/staff/stock/BOOT-41",
    "/staff/stock/low",
]


@pytest.fixture(scope="module")
def published():
    return SchemaGenerator().get_schema(request=None, public=True)


@pytest.fixture(autouse=True)
def shop():
    shoes = services.create_category(name="Shoes")
    services.create_category(name="Boots", parent_id=shoes.pk)
    boot = services.create_product(title="Boot", category_id=shoes.pk, option_names=["Size"])
    make_variant(boot, sku="BOOT-41", option_values=["41"], stock=3, compare_at_price="2000.00")
    services.set_product_status(product_id=boot.pk, status="active")
    services.add_image(product_id=boot.pk, content=picture((4, 4)))
    services.add_remote_image(product_id=boot.pk, source_url="https://x.example/a.png")
    make_product("Sandal", category_id=shoes.pk)
    make_product("Lamp", stock=0)
    services.create_product(title="Draft")


def conforms(published, answer, path, method="get"):
    """Hold an answer to the schema of its route: its status, its fields, and no others."""
    operation = operation_at(published, path, method)
    content = operation["responses"][str(answer.status_code)]["content"]
    schema = content[answer["Content-Type"].split(";")[0]]["schema"]
    whole = {**schema, "components": closed(published["components"])}
    jsonschema.validate(answer.json(), whole, cls=jsonschema.Draft202012Validator)


def operation_at(published, path, method):
    path = "/api/v1" + path.split("?")[0]
    if path in published["paths"]:
        return published["paths"][path][method]
    for template, operations in published["paths"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path):
            return operations[method]
    return pytest.fail(f"{path} is not published")


def closed(components):
    """The same schemas, which allow no fields beyond those that they list."""
    schemas = {
        name: {"additionalProperties": False, "required": list(schema["properties"]), **schema}
        if schema.get("type") == "object"
        else schema
        for name, schema in components["schemas"].items()
    }
    return {**components, "schemas": schemas}


@pytest.mark.parametrize("path", PUBLIC)
def test_what_customers_read_is_what_the_schema_says(visitor, published, path):
    answer = visitor.get(path)

    assert answer.status_code == 200
    assert answer.json()
    conforms(published, answer, path)


@pytest.mark.parametrize("path", FOR_STAFF)
def test_what_staff_read_is_what_the_schema_says(staff, published, path):
    answer = staff.get(path)

    assert answer.status_code == 200
    conforms(published, answer, path)


def test_refusals_are_in_the_schema_too(visitor, staff, published):
    conforms(published, visitor.get("/products?colour=red"), "/products")
    conforms(published, visitor.get("/products/nothing"), "/products/nothing")
    conforms(published, visitor.get("/staff/products"), "/staff/products")
    missing = staff.send("PATCH", "/staff/products/boot", {})
    conforms(published, missing, "/staff/products/boot", "patch")
    invalid = staff.send("POST", "/staff/products", {})
    conforms(published, invalid, "/staff/products", "post")
