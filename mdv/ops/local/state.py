"""The state folder: one shop at a time, and where `manage.py` finds the running one."""

import fcntl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from mdv import env

ONLY_OWNER = 0o600  # the addresses may hold a password


class InUse(Exception):
    """Another shop runs on this state folder."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep the folder to ourselves; the kernel frees it when we end, however we end.

    Raises:
        InUse: another process has it.
    """
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as problem:
            raise InUse(f"A shop is already running on {folder}.") from problem
        yield


@contextmanager
def addresses_left(folder: Path, addresses: Mapping[str, str]) -> Iterator[None]:
    """Write the services' addresses down for `manage.py`, and remove them at the end."""
    path = env.services_file(folder)
    path.unlink(missing_ok=True)
    path.touch(ONLY_OWNER)
    path.write_text("".join(f"{name}={url}\n" for name, url in addresses.items()))
    try:
        yield
    finally:
        path.unlink()
