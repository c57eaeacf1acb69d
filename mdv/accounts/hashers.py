"""argon2id at OWASP's minimum, one at a time.

Source: OWASP Password Storage Cheat Sheet, argon2id with 19 MiB, t=2, p=1.
"""

import threading

from django.contrib.auth.hashers import Argon2PasswordHasher

# A burst of log-ins must not starve the process's other threads of CPU.
_one_at_a_time = threading.Lock()


class Argon2id(Argon2PasswordHasher):
    time_cost = 2
    memory_cost = 19 * 1024  # KiB
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        with _one_at_a_time:
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        with _one_at_a_time:
            return super().verify(password, encoded)
