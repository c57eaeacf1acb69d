"""Jobs that failed for good, and trying them again."""

from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from procrastinate.contrib.django.models import ProcrastinateEvent, ProcrastinateJob

from audit.services import record
from mdv.admin.actions import Action
from mdv.admin.base import ReadOnlyAdmin
from mdv.admin.show import show_moment
from mdv.jobs.services import retry_failed_job
from mdv.kernel import clock


def retry(request: HttpRequest, job: ProcrastinateJob, filled: dict[str, Any]) -> str:
    retry_failed_job(job_id=job.pk, at=clock.now())
    record("job_retried", label=job.task_name, facts={"job": job.pk})
    return "The job is queued again."


@admin.register(ProcrastinateJob)
class FailedJobAdmin(ReadOnlyAdmin):
    """What no worker could do, after all its tries."""

    has_history = False
    list_display = ("task_name", "failed_at", "attempts", "about")
    list_display_links = ("task_name",)
    ordering = ("-id",)
    search_fields = ()
    fields = ("task_name", "failed_at", "attempts", "about")
    object_actions = (
        Action(
            name="retry",
            label="Try again",
            right="jobs.retry_job",
            run=retry,
            preview="A worker does it again as soon as one is free.",
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProcrastinateJob]:
        ends = ProcrastinateEvent.objects.filter(job=OuterRef("pk"), type="failed")
        last = Subquery(ends.order_by("-id").values("at")[:1])
        return super().get_queryset(request).filter(status="failed").annotate(ended=last)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, {"title": "Failed jobs", **(extra_context or {})})

    @admin.display(description="failed")
    def failed_at(self, job: Any) -> str:
        return show_moment(job.ended)

    @admin.display(description="about")
    def about(self, job: ProcrastinateJob) -> str:
        given = job.args.get("arguments") or {}
        return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in given.items())
