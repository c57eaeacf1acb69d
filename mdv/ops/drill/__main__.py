"""`python -m mdv.ops.drill`: play the crowd in a scratch shop that is open, and write the report.

Started by `manage.py drill`, with the environment of the scratch shop and of no other.
"""

import argparse
import sys
from pathlib import Path

import django


def main() -> int:
    """Play as the command line says."""
    parser = argparse.ArgumentParser(prog="python -m mdv.ops.drill")
    parser.add_argument("--attempts", type=int, required=True)
    parser.add_argument("--clients", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--shop", required=True, help="the scratch shop's address")
    parser.add_argument("--providers", required=True, help="the simulated providers' address")
    parser.add_argument("--folder", type=Path, required=True, help="for the journal and the report")
    asked = parser.parse_args()
    django.setup()
    # What reads models can be imported once Django is set up.
    from mdv.ops.drill.playing import play  # noqa: PLC0415

    play(**vars(asked))
    return 0


if __name__ == "__main__":
    sys.exit(main())
