"""What of a refund stays as it is, and the paper that says so."""

import pgtrigger

from mdv.kernel.triggers import Fixed, Trigger, update_of
from refunds.states import SETTLED


class SucceedsWithACreditNote(Trigger):
    """Refuse a refund that succeeded without its credit note, at COMMIT."""

    name = "refund_that_succeeded_has_a_credit_note"
    when = pgtrigger.After
    operation = pgtrigger.Insert | update_of("state")
    timing = pgtrigger.Deferred
    func = """
        IF NEW.state = 'succeeded'
           AND NOT EXISTS (SELECT FROM refunds_creditnote WHERE refund_id = NEW.id) THEN
            RAISE EXCEPTION 'refund % has no credit note', NEW.number
            USING ERRCODE = '23514', CONSTRAINT = 'refund_that_succeeded_has_a_credit_note';
        END IF;
        RETURN NULL;
    """


class CreditNoteFollowsTheOneBefore(Trigger):
    """Refuse a credit note that leaves a gap in its year, or is of money that did not go."""

    name = "credit_note_follows_the_one_before"
    when = pgtrigger.Before
    operation = pgtrigger.Insert
    declare = [("before", "integer")]
    func = """
        SELECT coalesce(max(place), 0) INTO before FROM refunds_creditnote WHERE year = NEW.year;
        IF NEW.place <> before + 1
           OR NEW.number <> 'CN-' || NEW.year || '-'
                            || lpad(NEW.place::text, greatest(6, length(NEW.place::text)), '0')
        THEN
            RAISE EXCEPTION 'credit note % does not follow number % of %',
                            NEW.number, before, NEW.year
            USING ERRCODE = '23514', CONSTRAINT = 'credit_note_follows_the_one_before';
        END IF;
        IF NOT EXISTS (SELECT FROM refunds_refund
                       WHERE id = NEW.refund_id AND state = 'succeeded') THEN
            RAISE EXCEPTION 'credit note % is of a refund that did not succeed', NEW.number
            USING ERRCODE = '23514', CONSTRAINT = 'credit_note_is_of_a_refund_that_succeeded';
        END IF;
        RETURN NEW;
    """


WHAT_WAS_ASKED_FOR_IS_FIXED = Fixed(
    name="refund_is_what_was_asked_for",
    columns=(
        "id",  # half of the provider's key
        "number",
        "order_id",
        "payment_id",
        "of_return_id",
        "currency",
        "amount",
        "shipping",
        "goodwill",
        "reason",
        "note",
        "source",
        "requested_by_id",
        "requested_at",
        "approval_required",
        "plan_hash",
    ),
)

HOW_IT_WENT_OUT_IS_A_FACT = Fixed(
    name="refund_that_is_settled_is_a_fact",
    columns=(
        "state",
        "method",
        "approved_by_id",
        "approved_at",
        "answer",
        "attempt",
        "asked_at",
        "provider_id",
        "bank_reference",
        "failure",
        "settled_at",
    ),
    condition=pgtrigger.Q(old__state__in=sorted(state.value for state in SETTLED)),
)
