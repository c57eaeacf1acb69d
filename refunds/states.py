"""The states of returns and refunds, why goods and money go back, and how."""

from django.db.models import TextChoices

from mdv.kernel.states import StateTable


class ReturnState(TextChoices):
    REQUESTED = "requested"
    APPROVED = "approved"
    REJECTED = "rejected"
    RECEIVING = "receiving"
    CLOSED = "closed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class ReturnReason(TextChoices):
    DAMAGED = "damaged"
    WRONG_ARTICLE = "wrong_article"
    NOT_AS_DESCRIBED = "not_as_described"
    DOES_NOT_FIT = "does_not_fit"
    CHANGED_MIND = "changed_mind"
    OTHER = "other"


class ReturnSource(TextChoices):
    """Who asked for it."""

    CUSTOMER = "customer"
    STAFF = "staff"


class Condition(TextChoices):
    """How a unit that came back was found."""

    AS_NEW = "as_new"
    USED = "used"
    DAMAGED = "damaged"


# Goods that are agreed to come, or are here and not all counted.
AWAITED = frozenset({ReturnState.APPROVED, ReturnState.RECEIVING})
LIVE = AWAITED | {ReturnState.REQUESTED}
# Something of it may have been received.
HAS_ARRIVED = frozenset({ReturnState.RECEIVING, ReturnState.CLOSED})


class Worklist(TextChoices):
    """What somebody who works with returns has before them."""

    TO_DECIDE = "to_decide"
    TO_RECEIVE = "to_receive"


ON_WORKLIST = {
    Worklist.TO_DECIDE: frozenset({ReturnState.REQUESTED}),
    Worklist.TO_RECEIVE: AWAITED,
}

RETURN = StateTable(
    "return",
    {
        # Who asked for it may think again, as long as nothing has arrived.
        ReturnState.REQUESTED: frozenset(
            {ReturnState.APPROVED, ReturnState.REJECTED, ReturnState.CANCELLED}
        ),
        ReturnState.APPROVED: frozenset(
            {ReturnState.RECEIVING, ReturnState.EXPIRED, ReturnState.CANCELLED}
        ),
        ReturnState.RECEIVING: frozenset({ReturnState.CLOSED}),
        ReturnState.REJECTED: frozenset(),
        ReturnState.CLOSED: frozenset(),
        ReturnState.EXPIRED: frozenset(),
        ReturnState.CANCELLED: frozenset(),
    },
)


class RefundState(TextChoices):
    REQUESTED = "requested"
    APPROVED = "approved"
    PROCESSING = "processing"
    UNKNOWN = "unknown"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


class RefundMethod(TextChoices):
    """Who moves the money: the payment's provider, or a person at the bank."""

    GATEWAY = "gateway"
    MANUAL = "manual"


class RefundSource(TextChoices):
    """Where a refund comes from; the last two the provider told of, and they are done."""

    STAFF = "staff"
    RETURN = "return"
    CANCEL = "cancel"
    EXTERNAL = "external"
    CHARGEBACK = "chargeback"


class RefundReason(TextChoices):
    RETURNED = "returned"
    CANCELLED = "cancelled"
    DAMAGED = "damaged"
    NOT_RECEIVED = "not_received"
    OVERPAID = "overpaid"
    PRICE = "price"
    GOODWILL = "goodwill"
    FROM_OUTSIDE = "from_outside"
    OTHER = "other"


# What a provider tells of by itself nobody gives as a reason.
REASONS_TO_GIVE = [reason for reason in RefundReason.choices if reason[0] != "from_outside"]


class Restock(TextChoices):
    """What entitles to the money for a unit, and so what became of the goods."""

    NONE = "none", "kept by the customer, or lost"
    CANCEL = "cancel", "cancelled: its stock is free"
    RETURN = "return", "came back"


# Money that is promised back, or gone.
COMMITTED = frozenset(
    {
        RefundState.REQUESTED,
        RefundState.APPROVED,
        RefundState.PROCESSING,
        RefundState.UNKNOWN,
        RefundState.SUCCEEDED,
    }
)
# Asked of the provider, and not answered for good.
IN_LIMBO = frozenset({RefundState.PROCESSING, RefundState.UNKNOWN})
# Nobody has agreed to these, or somebody said no.
WITHOUT_APPROVAL = frozenset({RefundState.REQUESTED, RefundState.REJECTED, RefundState.CANCELLED})
# Facts: nothing follows.
SETTLED = frozenset({RefundState.SUCCEEDED, RefundState.REJECTED, RefundState.CANCELLED})
FROM_OUTSIDE = frozenset({RefundSource.EXTERNAL, RefundSource.CHARGEBACK})


class RefundWorklist(TextChoices):
    """What somebody who works with refunds has before them."""

    TO_APPROVE = "to_approve"
    TO_TRANSFER = "to_transfer"
    IN_LIMBO = "in_limbo"
    FAILED = "failed"


class ToldState(TextChoices):
    """What customers are told of a refund that somebody agreed to."""

    ON_ITS_WAY = "on_its_way"
    REFUNDED = "refunded"


# What is not here customers do not see: nobody agreed to it, or it did not come about.
TOLD = {
    RefundState.APPROVED: ToldState.ON_ITS_WAY,
    RefundState.PROCESSING: ToldState.ON_ITS_WAY,
    RefundState.UNKNOWN: ToldState.ON_ITS_WAY,
    RefundState.SUCCEEDED: ToldState.REFUNDED,
}

REFUND = StateTable(
    "refund",
    {
        RefundState.REQUESTED: frozenset(
            {RefundState.APPROVED, RefundState.REJECTED, RefundState.CANCELLED}
        ),
        # By hand there is nobody to wait for: it is at the bank, or it is not.
        RefundState.APPROVED: frozenset(
            {RefundState.PROCESSING, RefundState.SUCCEEDED, RefundState.CANCELLED}
        ),
        # Approved: the provider was certainly not asked, and may be.
        RefundState.PROCESSING: frozenset(
            {
                RefundState.SUCCEEDED,
                RefundState.FAILED,
                RefundState.UNKNOWN,
                RefundState.APPROVED,
            }
        ),
        # Processing: the provider knows of it and is not done.
        RefundState.UNKNOWN: frozenset(
            {RefundState.SUCCEEDED, RefundState.FAILED, RefundState.PROCESSING}
        ),
        # Succeeded: the provider says after all that the money went.
        RefundState.FAILED: frozenset({RefundState.APPROVED, RefundState.SUCCEEDED}),
        RefundState.SUCCEEDED: frozenset(),
        RefundState.REJECTED: frozenset(),
        RefundState.CANCELLED: frozenset(),
    },
)
