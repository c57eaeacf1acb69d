"""Child processes that end when they are told to, and also when we are killed."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>: the kernel signals the child when its parent dies
KILLED_WAIT_S = 5

# Loaded here: between fork and exec nothing may be imported or loaded.
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def start(
    command: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    log: Path | None = None,
    user: str | None = None,
    on_our_death: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start a command in a session of its own, so that Ctrl-C reaches us alone.

    On Linux the kernel sends ``on_our_death`` to the child when this process is gone, even after
    kill -9. With a log file the child's output is appended there instead of shown.
    """
    output = log.open("ab") if log else None
    try:
        return subprocess.Popen(  # noqa: S603  (commands come from this package, never from input)
            command,
            env=environment,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output else None,
            start_new_session=True,
            preexec_fn=_bound_to(os.getpid(), on_our_death),  # noqa: PLW1509  (no threads here)
            user=user,
        )
    finally:
        if output:
            output.close()


def stop(child: subprocess.Popen[bytes], *, patience_s: float, by: signal.Signals) -> bool:
    """Ask a child to end and wait; kill it when patience is over. Tell whether it was killed."""
    if child.poll() is not None:
        return False
    child.send_signal(by)
    try:
        child.wait(patience_s)
    except subprocess.TimeoutExpired:
        kill(child)
        return True
    return False


def kill(child: subprocess.Popen[bytes]) -> None:
    """Kill a child together with its own children: it leads a session, hence a group."""
    with suppress(ProcessLookupError):  # it ended by itself meanwhile
        os.killpg(child.pid, signal.SIGKILL)
    child.wait(KILLED_WAIT_S)


def _bound_to(parent: int, death_signal: signal.Signals) -> Callable[[], None] | None:
    if _LIBC is None:
        return None
    libc = _LIBC

    def bind() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(death_signal))
        if os.getppid() != parent:  # the parent died between fork and prctl
            os._exit(1)

    return bind
