"""The trail's pages say which entries are sealed, as which number, and which wait."""

import re
from datetime import UTC, datetime

import pytest

from audit.models import AuditEntry, AuditSeal
from audit.seal import NO_SEAL
from audit.services import record

TRAIL = "/admin/audit/auditentry/"


@pytest.fixture
def sealed(db):
    record("looked", label="sealed")
    entry = AuditEntry.objects.latest()
    AuditSeal.objects.create(
        seq=1,
        entry=entry,
        transaction_id=entry.transaction_id,
        server=0,
        digest=b"",
        previous=NO_SEAL,
        mac=b"",
        key_id="",
        sealed_at=datetime(2026, 11, 22, 9, 36, tzinfo=UTC),
    )
    return entry


@pytest.fixture
def waiting(db):
    record("looked", label="waiting")
    return AuditEntry.objects.latest()


def seal_of(answer):
    cells = re.findall(r"<td[^>]*field-sealed[^>]*>(.*?)</td>", answer.content.decode(), re.DOTALL)
    return [re.sub(r"<[^>]*>", "", cell).strip() for cell in cells]


def test_the_list_says_it_of_each_entry(sealed, waiting, admin):
    for entry, said in ((sealed, "No. 1"), (waiting, "waiting")):
        assert seal_of(admin.get(TRAIL, {"q": entry.object_repr})) == [said]


def test_an_entrys_page_says_when(sealed, waiting, admin):
    page = admin.get(f"{TRAIL}{sealed.pk}/change/").content.decode()
    other = admin.get(f"{TRAIL}{waiting.pk}/change/").content.decode()

    assert "No. 1 at 2026-11-22 09:36" in page
    assert "No. 1 at" not in other
    assert ">waiting<" in "".join(other.split())
