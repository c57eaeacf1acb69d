"""Walking the chain: is every entry still what it was when it was sealed?"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from audit.digest import DIGEST, PASSED_OVER, microseconds_of
from audit.models import AuditSeal
from audit.seal import NO_SEAL, Place, keys_by_id, seal_code

PATIENCE_MS = 10 * 60 * 1_000
ROWS_AT_ONCE = 5_000
PROBLEMS_NAMED = 20

CHAIN = f"""
    SELECT seal.seq, seal.entry_id, seal.transaction_id, seal.server, seal.digest, seal.previous,
           seal.mac, seal.key_id, {microseconds_of("seal.sealed_at")}, entry.id IS NOT NULL,
           {DIGEST}
    FROM audit_auditseal AS seal LEFT JOIN audit_auditentry AS entry ON entry.id = seal.entry_id
    WHERE seal.seq > %s ORDER BY seal.seq LIMIT %s
"""  # noqa: S608  (constants)
INSERTED = f"SELECT entry.id {PASSED_OVER} ORDER BY entry.id"
DOUBLED = """
    SELECT entry_id, min(seq) FROM audit_auditseal GROUP BY entry_id HAVING count(*) > 1
"""
UNSEALED = """
    SELECT count(*) FROM audit_auditentry AS entry
    WHERE NOT EXISTS (SELECT FROM audit_auditseal AS seal WHERE seal.entry_id = entry.id)
"""


class Link(NamedTuple):
    """One seal, and the digest that its entry has now."""

    seq: int
    entry_id: int
    transaction_id: int
    server: int
    digest: bytes
    previous: bytes
    mac: bytes
    key_id: str
    sealed_at_us: int
    is_entry_there: bool
    digest_now: bytes

    @property
    def place(self) -> Place:
        return Place(server=self.server, transaction_id=self.transaction_id, entry_id=self.entry_id)


class Head(NamedTuple):
    """The end of the chain at some moment, as the log says it: SEQ:MAC."""

    seq: int
    mac: str

    def __str__(self) -> str:
        return f"{self.seq}:{self.mac}"


class Problem(NamedTuple):
    """Something that was touched: the entry or the seal that it shows in, and what happened."""

    what: str
    why: str

    def __str__(self) -> str:
        return f"{self.what}: {self.why}"


@dataclass(kw_only=True)
class Verdict:
    """What a walk found: the first problems in the order of the chain, and how many in all."""

    sealed: int = 0
    waiting: int = 0
    head: Head | None = None
    count: int = 0
    problems: list[Problem] = field(default_factory=list)

    def add(self, what: str, why: str) -> None:
        """Count a problem, and keep it if it is among the first."""
        self.count += 1
        if len(self.problems) < PROBLEMS_NAMED:
            self.problems.append(Problem(what, why))


def verify_trail(*, noted: Sequence[Head] = ()) -> Verdict:
    """Check every seal, its entry, and that the heads `noted` outside are in the chain.

    All of it at one moment of the database; nobody is locked out.
    """
    verdict = Verdict()
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(PATIENCE_MS)])
        cursor.execute(DOUBLED)
        walk = Walk(verdict, first_seals=dict(cursor.fetchall()))
        for link in _links(cursor):
            walk.take(link)
        _find_noted(verdict, noted)
        cursor.execute(INSERTED)
        inserted = [row[0] for row in cursor.fetchall()]
        for entry_id in inserted:
            verdict.add(
                f"entry {entry_id}", "inserted afterwards: later ones were sealed before it"
            )
        cursor.execute(UNSEALED)
        verdict.waiting = cursor.fetchone()[0] - len(inserted)
    return verdict


class Walk:
    """Takes the links in their order and compares each with the ones before."""

    def __init__(self, verdict: Verdict, *, first_seals: Mapping[int, int]) -> None:
        """Begin before the first seal. ``first_seals``: of entries with several, the first."""
        self.verdict = verdict
        self.first_seals = first_seals
        self.keys = keys_by_id()
        self.ages = {key_id: age for age, key_id in enumerate(self.keys)}
        self.before: Link | None = None
        self.age = len(self.keys)
        self.place: Place | None = None

    def take(self, link: Link) -> None:
        """Check one link against its entry and those before."""
        expected = self.before.seq + 1 if self.before else 1
        if link.seq > expected:
            missing = f"{expected} to {link.seq - 1}" if link.seq - expected > 1 else str(expected)
            self.verdict.add(f"seal {missing}", "missing")
        why = self._place_in_chain(link, is_next=link.seq == expected) or self._code_of(link)
        if why:
            self.verdict.add(f"seal {link.seq} of entry {link.entry_id}", why)
        elif not link.is_entry_there:
            self.verdict.add(f"entry {link.entry_id}", f"missing; it was sealed as {link.seq}")
        elif link.digest != link.digest_now:
            self.verdict.add(f"entry {link.entry_id}", f"changed since it was sealed as {link.seq}")
        self.before = link
        self.verdict.sealed += 1
        self.verdict.head = Head(link.seq, link.mac.hex())

    def _place_in_chain(self, link: Link, *, is_next: bool) -> str:
        if self.before and link.seq == self.before.seq:
            return "there are two of this number: the chain is forked"
        if is_next and link.previous != (self.before.mac if self.before else NO_SEAL):
            return "it does not follow the one before: the chain is forked or was written anew"
        first = self.first_seals.get(link.entry_id, link.seq)
        if first < link.seq:
            return f"the entry is sealed twice, first as {first}"
        return ""

    def _code_of(self, link: Link) -> str:
        key = self.keys.get(link.key_id)
        if key is None:
            return f"AUDIT_HMAC_KEY does not list its key {link.key_id}"
        mac = seal_code(
            key,
            previous=link.previous,
            seq=link.seq,
            digest=link.digest,
            place=link.place,
            at_us=link.sealed_at_us,
        )
        if mac != link.mac:
            return "its code is wrong: the seal was changed or forged"
        if self.ages[link.key_id] > self.age:
            return "sealed with an older key than the one before"
        if self.place and not link.place.is_behind(self.place):
            return "reordered: it was written before the one that was sealed before it"
        self.age, self.place = self.ages[link.key_id], link.place
        return ""


def _links(cursor: CursorWrapper) -> Iterator[Link]:
    last = 0
    while True:
        cursor.execute(CHAIN, [last, ROWS_AT_ONCE])
        rows = cursor.fetchall()
        if not rows:
            return
        yield from (Link(*row) for row in rows)
        last = rows[-1][0]


def _find_noted(verdict: Verdict, noted: Sequence[Head]) -> None:
    macs = dict(
        AuditSeal.objects.filter(seq__in=[one.seq for one in noted]).values_list("seq", "mac")
    )
    for head in noted:
        if head.seq not in macs:
            verdict.add(f"seal {head.seq}", "noted outside and not there: the end was cut off")
        elif bytes(macs[head.seq]).hex() != head.mac:
            verdict.add(
                f"seal {head.seq}", "not the one that was noted: the chain was written anew"
            )
