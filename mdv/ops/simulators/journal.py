"""What happened, in order: every call that was answered and every notice that was sent."""

import json
import threading
from pathlib import Path
from typing import Any


class Journal:
    """Kept in memory, and line by line in a file when there is one."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._entries: list[dict[str, Any]] = []

    def write(self, **facts: Any) -> None:
        """Add one line."""
        with self._lock:
            self._entries.append(facts)
            if self.path:
                with self.path.open("a") as file:
                    file.write(json.dumps(facts) + "\n")

    def entries(self) -> list[dict[str, Any]]:
        """Return what was written since the last :meth:`clear`."""
        with self._lock:
            return list(self._entries)

    def clear(self) -> None:
        """Forget what is in memory."""
        with self._lock:
            self._entries.clear()
