"""What keeps a stored answer what it was: the key, what it was for, and the answer."""

import pgtrigger

from mdv.kernel.triggers import Fixed, Trigger

KEPT_DAYS = 7

CLAIM_IS_FIXED = Fixed(
    name="idempotency_claim_is_fixed",
    columns=("principal", "route", "key", "digest", "actor_id", "request_id", "created_at"),
    may_be_deleted=True,
)
ANSWER_IS_GIVEN_ONCE = Fixed(
    name="idempotency_answer_is_given_once",
    columns=("status", "location", "body"),
    may_be_deleted=True,
    condition=pgtrigger.Q(old__status__isnull=False),
)


class KeptForDays(Trigger):
    """Refuse to forget a key while a client may still send it again."""

    name = "idempotency_key_is_kept"
    when = pgtrigger.Before
    operation = pgtrigger.Delete
    func = f"""
        IF OLD.created_at > now() - interval '{KEPT_DAYS} days' THEN
            RAISE EXCEPTION 'an idempotency key is kept for {KEPT_DAYS} days'
            USING ERRCODE = '23514', CONSTRAINT = 'idempotency_key_is_kept';
        END IF;
        RETURN OLD;
    """
