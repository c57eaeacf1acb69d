"""Writing a remark on an order."""

from django.db import transaction

from mdv.kernel.errors import FieldProblem, Invalid
from shop.orders.models import OrderNote
from shop.orders.services.confirm_order import lock_order

MAX_LENGTH = 4_000  # characters


@transaction.atomic
def write_note(*, number: str, text: str, author_id: int) -> OrderNote:
    """Add a remark for colleagues.

    Raises:
        Invalid: it is empty or longer than MAX_LENGTH.
    """
    if not text.strip() or len(text) > MAX_LENGTH:
        problem = FieldProblem("text", "out_of_range", f"From 1 to {MAX_LENGTH} characters.")
        raise Invalid(problems=[problem])
    return OrderNote.objects.create(order=lock_order(number), text=text, author_id=author_id)
