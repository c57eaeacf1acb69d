"""Every table is followed by the trail, or somebody said why not."""

import pytest
from django.apps import apps
from django.db import connection

from audit.registry import TRACKED, UNTRACKED

MODELS = {
    model._meta.label: model
    for model in apps.get_models(include_auto_created=True)
    if not model._meta.proxy
}


def test_every_model_is_followed_or_has_a_reason_not_to_be():
    assert sorted(MODELS.keys() - TRACKED.keys() - UNTRACKED.keys()) == []
    assert sorted(TRACKED.keys() & UNTRACKED.keys()) == []


def test_nothing_is_listed_that_does_not_exist():
    swapped = {
        model._meta.label
        for model in apps.get_models(include_auto_created=True, include_swapped=True)
    }

    assert sorted((TRACKED.keys() | UNTRACKED.keys()) - swapped) == []


def test_every_reason_is_a_reason():
    assert [label for label, reason in UNTRACKED.items() if len(reason.split()) < 2] == []


@pytest.mark.parametrize("label", TRACKED)
def test_what_is_said_of_a_table_is_true_of_its_columns(label):
    tracked = TRACKED[label]
    columns = {field.column for field in MODELS[label]._meta.concrete_fields}
    named = {tracked.label, *tracked.masked, *tracked.excluded}
    named |= {name for name in (tracked.order, tracked.key) if name}

    assert named <= columns


@pytest.mark.parametrize("label", TRACKED)
def test_the_label_shown_to_people_is_no_secret(label):
    assert TRACKED[label].label not in TRACKED[label].masked


@pytest.mark.django_db
@pytest.mark.parametrize("label", TRACKED)
def test_every_followed_table_really_has_its_trigger_and_it_is_on(label):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgenabled, tgtype FROM pg_trigger WHERE tgrelid = %s::regclass "
            "AND tgfoid = 'audit_capture'::regproc",
            [MODELS[label]._meta.db_table],
        )
        row_after_insert_update_delete = 1 | 4 | 8 | 16
        assert cursor.fetchall() == [("O", row_after_insert_update_delete)]


@pytest.mark.django_db
@pytest.mark.parametrize("label", [*TRACKED, "audit.AuditEntry", "stock.StockMovement"])
def test_every_followed_table_refuses_to_be_truncated(label):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgenabled, tgtype FROM pg_trigger WHERE tgrelid = %s::regclass "
            "AND tgname LIKE 'pgtrigger_refuses_truncate%%'",
            [MODELS[label]._meta.db_table],
        )
        statement_before_truncate = 2 | 32
        assert cursor.fetchall() == [("O", statement_before_truncate)]


SECRETIVE = ("password", "secret", "token", "digest", "hash", "salt", "key")


@pytest.mark.parametrize("label", TRACKED)
def test_a_column_that_sounds_like_a_secret_is_masked(label):
    tracked = TRACKED[label]
    sounding = {
        field.column
        for field in MODELS[label]._meta.concrete_fields
        if any(word in field.column.split("_") for word in SECRETIVE)
    }

    assert sounding - {"must_change_password"} <= {*tracked.masked, *tracked.excluded}
