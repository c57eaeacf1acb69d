"""The link that a mail about a refund carries: it opens one credit note, for a while."""

from mdv.kernel.errors import NotFound
from refunds.models import CreditNote, Refund
from shop.orders.mail_links import read_signed, sign_link

PURPOSE = "mdv.refund.credit_note"


def link_to_credit_note(note: CreditNote) -> str:
    """Return the address under which whoever has it prints the note, for as long as links last."""
    return sign_link("credit-note", [note.number], purpose=PURPOSE)


def read_link_to_credit_note(signed: str) -> Refund:
    """Return the refund whose credit note a link opens.

    Raises:
        NotFound: it is none of ours, was changed, or is too old.
    """
    (number,) = read_signed(signed, purpose=PURPOSE)
    refund = Refund.objects.filter(credit_note__number=number).first()
    if refund is None:
        raise NotFound
    return refund
