"""What the shop's owner decides without a deploy: one row, edited in the admin, audited."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

ONLY_ROW = 1
MAX_PAYMENT_EXPIRY_MINUTES = 7 * 24 * 60
MAX_RETURN_WINDOW_DAYS = 365
MAX_RECIPIENTS = 20


class StoreSettings(models.Model):
    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY_ROW, editable=False)
    legal_name = models.CharField(max_length=150, blank=True)
    tax_id = models.CharField("tax number", max_length=60, blank=True)
    address = models.CharField(
        max_length=255, blank=True, help_text="Of the seller, as invoices name it."
    )
    bank_details = models.TextField(blank=True, help_text="Shown to who pays by bank transfer.")
    payment_expiry_minutes = models.PositiveIntegerField(
        default=60,
        validators=[MinValueValidator(5), MaxValueValidator(MAX_PAYMENT_EXPIRY_MINUTES)],
        help_text="An order to be paid online is cancelled when it is unpaid for this long.",
    )
    return_window_days = models.PositiveIntegerField(
        default=14, validators=[MaxValueValidator(MAX_RETURN_WINDOW_DAYS)]
    )
    allows_bank_transfer = models.BooleanField(default=True)
    allows_cash_on_delivery = models.BooleanField(default=True)
    allows_pay_at_pickup = models.BooleanField(default=True)
    pickup_address = models.CharField(max_length=255, blank=True)
    invoice_footer = models.TextField(blank=True)

    low_stock_recipients = ArrayField(
        models.EmailField(),
        default=list,
        blank=True,
        size=MAX_RECIPIENTS,
        help_text="Who is mailed each morning what has newly run low, one address per line. "
        "Empty: all staff who may receive goods.",
    )

    class Meta:
        verbose_name = "store settings"
        verbose_name_plural = "store settings"
        constraints = [
            models.CheckConstraint(name="store_settings_are_one_row", condition=Q(id=ONLY_ROW)),
        ]

    def __str__(self) -> str:
        return "Store settings"
