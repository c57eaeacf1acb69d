"""Reading what providers write, and believing nothing that their documents do not describe."""

import re
from collections.abc import Mapping
from typing import Any

import orjson

# As the columns that hold references and numbers of transactions.
MAX_TEXT_LENGTH = 100
MAX_REASON_LENGTH = 200
MAX_ADDRESS_LENGTH = 2_000
WRITTEN_NUMBER = re.compile(r"[0-9]{1,18}")
CURRENCY = re.compile(r"[A-Za-z]{3}")


class Unreadable(Exception):
    """It is not what the provider's documents describe."""


def read_object(body: bytes) -> dict[str, Any]:
    """Read JSON that is an object.

    Raises:
        Unreadable: no JSON (NaN is none), nested without end, or something else than an object.
    """
    try:
        found = orjson.loads(body)
    except (ValueError, RecursionError):
        raise Unreadable("This is not JSON.") from None
    if not isinstance(found, dict):
        raise Unreadable("This is not an object.")
    return found


def object_in(facts: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the object under a name.

    Raises:
        Unreadable: there is none.
    """
    found = facts.get(name)
    if not isinstance(found, dict):
        raise Unreadable(f"{name} is not an object.")
    return found


def text_in(facts: Mapping[str, Any], name: str) -> str:
    """Return the text under a name: one line, not empty, at most MAX_TEXT_LENGTH characters.

    Raises:
        Unreadable: there is none.
    """
    found = facts.get(name)
    if not isinstance(found, str) or not 0 < len(found) <= MAX_TEXT_LENGTH:
        raise Unreadable(f"{name} is not a text of 1 to {MAX_TEXT_LENGTH} characters.")
    if not found.isprintable():
        raise Unreadable(f"{name} holds what cannot be printed.")
    return found


def currency_in(facts: Mapping[str, Any], name: str) -> str:
    """Return the code of a currency under a name, in capitals.

    Raises:
        Unreadable: there is none: three letters.
    """
    found = facts.get(name)
    if not isinstance(found, str) or not CURRENCY.fullmatch(found):
        raise Unreadable(f"{name} is not the code of a currency.")
    return found.upper()


def whole_number_in(facts: Mapping[str, Any], name: str) -> int:
    """Return the whole number under a name, zero or more.

    Raises:
        Unreadable: there is none: a fraction, a text and true are none either.
    """
    found = facts.get(name)
    if isinstance(found, bool) or not isinstance(found, int) or found < 0:
        raise Unreadable(f"{name} is not a whole number.")
    return found


def written_number_in(facts: Mapping[str, Any], name: str) -> int:
    """Return the whole number under a name, zero or more, also where it is written as a text.

    Raises:
        Unreadable: there is none.
    """
    found = facts.get(name)
    if isinstance(found, str) and WRITTEN_NUMBER.fullmatch(found):
        return int(found)
    return whole_number_in(facts, name)


def yes_or_no_in(facts: Mapping[str, Any], name: str) -> bool:
    """Return the true or false under a name.

    Raises:
        Unreadable: there is neither.
    """
    found = facts.get(name)
    if not isinstance(found, bool):
        raise Unreadable(f"{name} is neither true nor false.")
    return found


def objects_in(facts: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """Return the list of objects under a name.

    Raises:
        Unreadable: there is none.
    """
    found = facts.get(name)
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise Unreadable(f"{name} is not a list of objects.")
    return found


def address_in(facts: Mapping[str, Any], name: str) -> str:
    """Return the address under a name, of a page that a browser opens.

    Raises:
        Unreadable: there is none.
    """
    found = facts.get(name)
    if not isinstance(found, str) or not found.startswith(("https://", "http://")):
        raise Unreadable(f"{name} is not an address.")
    if len(found) > MAX_ADDRESS_LENGTH:
        raise Unreadable(f"{name} is longer than {MAX_ADDRESS_LENGTH} characters.")
    return found


def reason_in(facts: Mapping[str, Any], name: str) -> str:
    """Return the provider's sentence under a name as a line; empty when there is none."""
    found = facts.get(name)
    return as_line(found) if isinstance(found, str) else ""


def as_line(sentence: str) -> str:
    """Return a sentence as one line of at most MAX_REASON_LENGTH characters.

    What cannot be printed is left out: PostgreSQL stores no NUL, and a refusal that cannot be
    stored would leave its refund in limbo.
    """
    printable = "".join(one if one.isprintable() else " " for one in sentence)
    return " ".join(printable.split())[:MAX_REASON_LENGTH]
