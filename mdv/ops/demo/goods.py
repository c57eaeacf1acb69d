"""What the demo shop sells, read from goods.csv, and the shelves that it stands on."""

import csv
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

FILE = Path(__file__).with_name("goods.csv")
SEPARATOR = "|"

SHELVES: dict[str, tuple[str, ...]] = {
    "Women": ("Dresses", "Tops", "Skirts & Trousers", "Wraps & Scarves"),
    "Men": ("Shirts", "Kaftans & Agbada", "Trousers"),
    "Children": ("Girls", "Boys", "Baby"),
    "Shoes & Bags": ("Sandals & Slippers", "Bags", "Jewellery"),
    "Bedroom": ("Bed Linen", "Cushions & Throws"),
    "Table & Kitchen": ("Tableware", "Table Linen", "Kitchen"),
    "Living": ("Baskets & Storage", "Lighting", "Rugs & Wall Hangings"),
    "Bath & Scent": ("Towels", "Candles & Soap"),
}
# The shelves on which a larger size costs more.
PRICED_BY_SIZE = frozenset(
    {
        "Bed Linen",
        "Candles & Soap",
        "Cushions & Throws",
        "Kitchen",
        "Lighting",
        "Rugs & Wall Hangings",
        "Table Linen",
    }
)

COLOURS: dict[str, str] = {
    "Black": "#2b2a29",
    "Brown": "#6d4a35",
    "Charcoal": "#4a4d52",
    "Clay": "#b5694c",
    "Copper": "#a8623b",
    "Coral": "#e0765f",
    "Cream": "#efe6d0",
    "Emerald": "#1f7a5c",
    "Gold": "#c49a3c",
    "Indigo": "#2f3e73",
    "Mustard": "#d0a02f",
    "Natural": "#cdb58c",
    "Olive": "#6f7340",
    "Rose": "#d79a9d",
    "Sand": "#d9c7a5",
    "Silver": "#b4b8bc",
    "Sky": "#8db4d0",
    "Tan": "#b98a5a",
    "Teal": "#2d7c80",
    "White": "#f4f1ea",
    "Wine": "#722f45",
}


@dataclass(frozen=True, kw_only=True)
class Goods:
    """One line of goods.csv. ``price`` is that of the smallest size, in naira."""

    shelf: str
    title: str
    vendor: str
    price: Decimal
    sizes: tuple[str, ...]
    colours: tuple[str, ...]
    tags: tuple[str, ...]
    description: str


def read_goods() -> list[Goods]:
    """Return everything that the shop sells, in the order of the file."""
    with FILE.open(newline="", encoding="utf-8") as file:
        return [
            Goods(
                shelf=row["shelf"],
                title=row["title"],
                vendor=row["vendor"],
                price=Decimal(row["price"]),
                sizes=_split(row["sizes"]),
                colours=_split(row["colours"]),
                tags=_split(row["tags"]),
                description=row["description"],
            )
            for row in csv.DictReader(file)
        ]


def _split(cell: str) -> tuple[str, ...]:
    return tuple(cell.split(SEPARATOR)) if cell else ()
