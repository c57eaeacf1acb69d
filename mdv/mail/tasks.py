"""The job behind every mail that the log keeps in full."""

from mdv.jobs.app import job
from mdv.mail import delivery


@job("mail.deliver")
def deliver(*, mail_id: int) -> None:
    """Send the mail as it stands in the log."""
    delivery.deliver(mail_id=mail_id)
