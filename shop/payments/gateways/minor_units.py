"""Amounts as providers count them: whole numbers of a currency's smallest unit.

The number of decimals is ISO 4217's. Where a provider departs from it, the adapter says so.
"""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

from django.core.exceptions import ValidationError

from mdv.kernel.money import to_money

TWO_DECIMALS = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD "
    "CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS "
    "GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD "
    "LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB "
    "PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP "
    "SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG"
)
NO_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"

DECIMALS: Mapping[str, int] = MappingProxyType(
    {
        **dict.fromkeys(NO_DECIMALS.split(), 0),
        **dict.fromkeys(TWO_DECIMALS.split(), 2),
        **dict.fromkeys(THREE_DECIMALS.split(), 3),
    }
)


class DoesNotFit(ValueError):
    """The amount cannot be said exactly in the other unit, or there is no such currency."""


def to_minor(amount: Decimal, currency: str, *, departures: Mapping[str, int] | None = None) -> int:
    """Say an amount of the main unit, such as naira, in the smallest one, such as kobo.

    Raises:
        DoesNotFit: it has more decimals than the currency, is no number, or the currency is
            unknown.
    """
    decimals = _decimals(currency, departures)
    if not amount.is_finite():
        raise DoesNotFit("This is not an amount.")
    minor = amount.scaleb(decimals)
    if minor != minor.to_integral_value():
        raise DoesNotFit(f"{currency} has {decimals} decimals, fewer than {amount}.")
    return int(minor)


def from_minor(
    minor: int, currency: str, *, departures: Mapping[str, int] | None = None
) -> Decimal:
    """Say a number of the smallest unit in the main one, as the shop stores amounts.

    Raises:
        DoesNotFit: it is too large or has more decimals than the shop's amounts, or the currency
            is unknown.
    """
    decimals = _decimals(currency, departures)
    try:
        return to_money(Decimal(minor).scaleb(-decimals))
    except (ValidationError, ArithmeticError):
        raise DoesNotFit(f"{minor} of {currency} does not fit an amount of the shop.") from None


def _decimals(currency: str, departures: Mapping[str, int] | None) -> int:
    if departures and currency in departures:
        return departures[currency]
    try:
        return DECIMALS[currency]
    except KeyError:
        raise DoesNotFit("There is no such currency.") from None
