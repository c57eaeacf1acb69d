"""Answering with a PDF: a file of its own that no cache keeps."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from rest_framework.renderers import JSONRenderer
from rest_framework.views import APIView

CONTENT_TYPE = "application/pdf"
PDF = {(200, CONTENT_TYPE): OpenApiTypes.BINARY}


class PdfRenderer(JSONRenderer):
    """Lets clients ask for a PDF. The view writes it; refusals are JSON, and say so."""

    media_type = CONTENT_TYPE
    format = "pdf"


class PdfView(APIView):
    """A view that answers with :func:`pdf_answer`."""

    renderer_classes = (PdfRenderer, JSONRenderer)


def pdf_answer(content: bytes, *, name: str) -> HttpResponse:
    """Return a PDF to be saved under `name`."""
    return HttpResponse(
        content,
        content_type=CONTENT_TYPE,
        headers={
            "Content-Disposition": content_disposition_header(as_attachment=True, filename=name),
            "Cache-Control": "private, no-store",
        },
    )
