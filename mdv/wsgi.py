"""The entry for gunicorn. gunicorn runs no system checks by itself, so this does."""

import os
import sys

import django
import structlog
from django.core.checks import ERROR, CheckMessage, Tags, run_checks
from django.core.wsgi import get_wsgi_application
from django.db import DEFAULT_DB_ALIAS, OperationalError, connection

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mdv.settings")  # noqa: TID251 (where Django is told)

# gunicorn's word for "do not start another one"; after any other it tries for ever.
CANNOT_START = 3

log = structlog.get_logger("mdv.start")


def _problems() -> list[str]:
    found = [*run_checks(include_deployment_checks=True), *_ask_the_database()]
    serious = [one for one in found if one.is_serious(ERROR) and not one.is_silenced()]
    return [" ".join(filter(None, (one.id, one.msg, one.hint))) for one in serious]


def _ask_the_database() -> list[CheckMessage]:
    """Run the checks that need the database; without one start nevertheless, /health tells."""
    try:
        return run_checks(tags=[Tags.database], databases=[DEFAULT_DB_ALIAS])
    except OperationalError as error:
        log.warning("started_without_database_checks", error=type(error).__name__)
        return []
    finally:
        connection.close()


django.setup()
_found = _problems()
if _found:
    sys.stderr.write("mdv cannot start: " + "; ".join(_found) + "\n")
    sys.exit(CANNOT_START)
application = get_wsgi_application()
