"""Where a unix socket can live."""

import re
import shutil
import tempfile
from pathlib import Path

LONGEST_SOCKET_PATH = 107  # bytes; <sys/un.h>
# dj_database_url turns the host to lower case, and PostgreSQL splits its list at commas.
PLAIN_PATH = re.compile(r"[a-z0-9/._-]+")


class SocketFolder:
    """The given folder, or a short one when a socket's path in it would not work."""

    def __init__(self, wanted: Path, name: str, *, owner: str | None) -> None:
        is_too_long = len(str(wanted / name)) > LONGEST_SOCKET_PATH
        self.is_temporary = is_too_long or not PLAIN_PATH.fullmatch(str(wanted))
        self.name = name
        self.path = wanted
        if self.is_temporary:
            self.path = Path(tempfile.mkdtemp(prefix="mdv-", dir="/tmp"))
            if owner:
                shutil.chown(self.path, owner)

    def remove_left_behind(self) -> None:
        """Take away what a server leaves that was killed."""
        for name in (self.name, f"{self.name}.lock"):
            (self.path / name).unlink(missing_ok=True)

    def remove(self) -> None:
        if self.is_temporary:
            shutil.rmtree(self.path)
