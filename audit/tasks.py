"""The trail's own job."""

from audit.services import seal_entries
from mdv.jobs.app import job


# Every five seconds (the sixth field), as events are numbered.
@job("audit.seal", cron="* * * * * */5", retries=0)
def seal() -> None:
    """Seal what was committed."""
    seal_entries()
