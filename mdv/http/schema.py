"""How views describe themselves in the schema."""

from drf_spectacular.openapi import AutoSchema


class Schema(AutoSchema):
    """The API's schema, operation by operation."""
