"""The entry for gunicorn. gunicorn runs no system checks by itself, so this does."""

import os
import sys

from django.core.checks import ERROR, run_checks
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mdv.settings")  # noqa: TID251 (where Django is told)

application = get_wsgi_application()

_found = [
    message
    for message in run_checks(include_deployment_checks=True)
    if message.is_serious(ERROR) and not message.is_silenced()
]
if _found:
    sys.exit("mdv cannot start: " + "; ".join(f"{m.id} {m.msg}" for m in _found))
