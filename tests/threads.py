"""Real threads on real connections, for tests of what happens at once."""

import threading

from django.db import connections


def at_once(functions):
    """Run each function in a thread of its own, all starting together; return their results."""
    start = threading.Barrier(len(functions))
    results = [None] * len(functions)

    def run(index, function):
        try:
            start.wait()
            results[index] = function()
        except Exception as problem:  # noqa: BLE001  (whatever it was, the test looks at it)
            results[index] = problem
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(functions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
