"""What a drill came to, as lines to read."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

WRONG_SHOWN = 5
NAME_WIDTH = 58
NUMBER_WIDTH = 16


def lines_of(report: Mapping[str, Any]) -> Iterator[str]:
    """Yield the figures and then every proof, with what is wrong below it."""
    figures = report["figures"]
    seconds = figures["seconds"]
    per_second = figures["attempts"] / seconds if seconds else 0.0
    yield (
        f"{figures['attempts']} attempts by {figures['clients']} clients in {seconds} s "
        f"({per_second:.1f} a second), seed {figures['seed']}; "
        f"at rest {figures['seconds_to_rest']} s later"
    )
    yield f"  what came of them: {_counts(figures['fates'])}"
    yield (
        f"  acknowledged: {figures['orders']} orders, {figures['payments']} payments, "
        f"{figures['refunds']} refunds"
    )
    yield f"  answers: {_counts(figures['answers'])}"
    yield (
        f"  killed: {_counts(figures['killed']) or 'nothing'}; "
        f"connections lost: {figures['connections_lost']}"
    )
    yield (
        f"  notices of providers: {figures['notices_taken']} taken, "
        f"{figures['notices_not_taken']} not taken at that try"
    )
    yield ""
    yield f"     {'':<{NAME_WIDTH}} {'expected':>{NUMBER_WIDTH}} {'found':>{NUMBER_WIDTH}}"
    for proof in report["proofs"]:
        yield from _lines_of_proof(proof)


def failing(report: Mapping[str, Any]) -> Sequence[str]:
    """Name the proofs that fail."""
    return [proof["name"] for proof in report["proofs"] if not proof["holds"]]


def _lines_of_proof(proof: Mapping[str, Any]) -> Iterator[str]:
    word = "ok  " if proof["holds"] else "FAIL"
    numbers = f"{proof['expected']:>{NUMBER_WIDTH}} {proof['found']:>{NUMBER_WIDTH}}"
    yield f"{word} {proof['name']:<{NAME_WIDTH}} {numbers}"
    for wrong in proof["wrong"][:WRONG_SHOWN]:
        yield f"       {wrong}"
    if len(proof["wrong"]) > WRONG_SHOWN:
        yield f"       … and {len(proof['wrong']) - WRONG_SHOWN} more"


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {what}" for what, count in sorted(counts.items()))
