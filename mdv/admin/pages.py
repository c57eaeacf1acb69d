"""Pages of a list that stay fast however long the list gets."""

from typing import Any, cast

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from unfold.views import ChangeList

COUNTED = 10_000  # rows; what lies behind them is found by searching and filtering


class CappedPaginator(Paginator[Any]):
    """Count up to COUNTED rows and offer the pages of these: counting a million takes too long."""

    template_name = "mdv/admin/pages.html"

    @cached_property
    def count(self) -> int:
        return min(self._counted, COUNTED)

    @property
    def has_more(self) -> bool:
        """Whether there are more rows than pages are offered for."""
        return self._counted > COUNTED

    @cached_property
    def _counted(self) -> int:
        rows = cast("QuerySet[Any]", self.object_list)
        return rows.order_by()[: COUNTED + 1].count()


class Rows(ChangeList):
    """The rows of a list, which says how many it found only when somebody looked for something."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        if not self.query and not self.has_active_filters:
            self.full_result_count = self.result_count
