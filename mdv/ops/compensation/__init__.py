"""Putting the books right from the facts, by entries that stand for good."""

from mdv.ops.compensation.compensate import (
    COMPENSATE_BOOKS,
    FactsContradict,
    ImbalanceHasChanged,
    ImbalanceIsGone,
    Preview,
    compensate,
    preview_compensation,
)
from mdv.ops.compensation.imbalance import Imbalance, NoRemedy, find_imbalance
from mdv.ops.compensation.remedies import Remedy, remedy_for

__all__ = [
    "COMPENSATE_BOOKS",
    "FactsContradict",
    "Imbalance",
    "ImbalanceHasChanged",
    "ImbalanceIsGone",
    "NoRemedy",
    "Preview",
    "Remedy",
    "compensate",
    "find_imbalance",
    "preview_compensation",
    "remedy_for",
]
