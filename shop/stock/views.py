"""Stock as staff see and correct it."""

from typing import Any

from django.db.models import F, IntegerField, QuerySet
from django.db.models.functions import Coalesce
from drf_spectacular.utils import extend_schema
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from mdv.http.pagination import StaffPages
from mdv.http.permissions import MayByMethod
from mdv.idempotency.doors import idempotent
