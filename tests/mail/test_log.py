"""The log of mails says what was written to whom, and nobody rewrites it."""

import pytest
from django.db import IntegrityError, connection, transaction

from mdv.mail.models import Mail
from mdv.mail.services import send_mail
from tests.accounts.people import make_customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def mail(run_jobs):
    ada = make_customer()
    run_jobs()
    return send_mail(kind="welcome", to=ada.email, context={"name": "Ada"}, about=ada)


def refused(statement, *values):
    with (
        pytest.raises(IntegrityError) as refusal,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement, values)
    return refusal.value.__cause__.diag.constraint_name


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE mail_mail SET \"to\" = 'eve@example.com'",
        "UPDATE mail_mail SET text = ''",
        "UPDATE mail_mail SET kind = 'x'",
        "UPDATE mail_mail SET created_at = now()",
        "DELETE FROM mail_mail",
    ],
)
def test_what_was_written_to_whom_is_fixed(mail, statement):
    assert refused(statement) == "mail_is_fixed"


def test_a_mail_that_was_sent_was_sent(mail, run_jobs):
    run_jobs()
    assert Mail.objects.get(pk=mail.pk).state == "sent"

    statement = "UPDATE mail_mail SET state = 'queued', sent_at = NULL WHERE id = %s"
    assert refused(statement, mail.pk) == "mail_that_was_sent_was_sent"
