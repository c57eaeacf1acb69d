from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from mdv.admin.base import BackOfficeAdmin
from mdv.admin.forms import VersionedForm
from shop.catalog import services
from shop.catalog.models import Category


class CategoryForm(VersionedForm):
    made_up = ("slug",)

    class Meta:
        model = Category
        fields = ("name", "slug", "parent", "position", "in_navigation", "description")


@admin.register(Category)
class CategoryAdmin(BackOfficeAdmin):
    form = CategoryForm
    list_display = ("name", "parent", "slug", "position", "in_navigation")
    list_select_related = ("parent",)
    search_fields = ("name__istartswith",)
    search_help_text = "Beginning of the name"
    autocomplete_fields = ("parent",)
    ordering = ("position", "name", "id")
    fields = CategoryForm.Meta.fields

    def create(self, request: HttpRequest, form: Any) -> Category:
        return services.create_category(**form.changes())

    def update(self, request: HttpRequest, obj: Category, form: Any) -> None:
        version = form.cleaned_data["shown"]
        services.update_category(category_id=obj.pk, version=version, **form.changes())

    def delete_model(self, request: HttpRequest, obj: Category) -> None:
        services.delete_category(category_id=obj.pk)
