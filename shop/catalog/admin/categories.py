from django.contrib import admin
from django.http import HttpRequest

from mdv.admin.base import BackOfficeAdmin
from mdv.admin.forms import VersionedForm
from shop.catalog import services
from shop.catalog.models import Category


class CategoryForm(VersionedForm):
    class Meta:
        model = Category
        fields = ("name", "slug", "parent", "position", "in_navigation", "description")


@admin.register(Category)
class CategoryAdmin(BackOfficeAdmin):
    form = CategoryForm
    list_display = ("name", "parent", "slug", "position", "in_navigation")
    list_select_related = ("parent",)
    search_fields = ("name__istartswith",)
    autocomplete_fields = ("parent",)
    ordering = ("position", "name", "id")
    fields = ("shown_version", *CategoryForm.Meta.fields)

    def save_model(
        self, request: HttpRequest, obj: Category, form: CategoryForm, change: bool
    ) -> None:
        if change:
            services.update_category(
                category_id=obj.pk, version=form.cleaned_data["shown_version"], **form.changes()
            )
        else:
            obj.pk = services.create_category(**form.changes()).pk

    def delete_model(self, request: HttpRequest, obj: Category) -> None:
        services.delete_category(category_id=obj.pk)
