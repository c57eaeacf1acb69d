"""The columns of Shopify's product CSV that mean something to this shop. Others are ignored.

Source: https://help.shopify.com/en/manual/products/import-export/using-csv
"""

from enum import StrEnum


class Column(StrEnum):
    HANDLE = "Handle"
    TITLE = "Title"
    BODY = "Body (HTML)"
    VENDOR = "Vendor"
    TYPE = "Type"
    TAGS = "Tags"
    PUBLISHED = "Published"
    STATUS = "Status"
    GIFT_CARD = "Gift Card"
    SKU = "Variant SKU"
    GRAMS = "Variant Grams"
    QUANTITY = "Variant Inventory Qty"
    PRICE = "Variant Price"
    COMPARE_AT_PRICE = "Variant Compare At Price"
    BARCODE = "Variant Barcode"
    VARIANT_IMAGE = "Variant Image"
    IMAGE = "Image Src"
    IMAGE_POSITION = "Image Position"
    IMAGE_ALT = "Image Alt Text"


# Without these a file is not a product file.
REQUIRED = (Column.HANDLE, Column.TITLE, Column.PRICE)

OPTION_NAMES = ("Option1 Name", "Option2 Name", "Option3 Name")
OPTION_VALUES = ("Option1 Value", "Option2 Value", "Option3 Value")

# Shopify's way to say that a product has no options.
NO_OPTION_NAME = "Title"
NO_OPTION_VALUE = "Default Title"

# A row with none of these filled is about an image, not about a variant.
MARKS_A_VARIANT = (
    Column.TITLE,
    *OPTION_VALUES,
    Column.SKU,
    Column.PRICE,
    Column.COMPARE_AT_PRICE,
    Column.BARCODE,
)
