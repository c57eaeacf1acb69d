"""How a picture is shown in lists."""

from django.utils.html import format_html
from django.utils.safestring import SafeString

from shop.catalog.models import ProductImage
from shop.catalog.showcase import picture_url


def show_picture(image: ProductImage) -> SafeString:
    """Return the small picture, or the placeholder while it is being fetched."""
    url = picture_url(image.thumbnail.name or "")
    return format_html(
        '<img class="mdv-picture" src="{}" alt="{}" width="80" height="80" loading="lazy">',
        url,
        image.alt,
    )
