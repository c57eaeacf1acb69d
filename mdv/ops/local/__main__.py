"""`python -m mdv.ops.local run` and `python -m mdv.ops.local exec -- COMMAND …`."""

import argparse
import sys

from mdv import env
from mdv.ops.local.supervisor import Supervisor
from mdv.ops.local.throwaway import execute


def main() -> int:
    """Do what the command line says. Return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m mdv.ops.local")
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("run", help="run the whole shop until Ctrl-C")
    once = actions.add_parser("exec", help="run a command beside services of its own")
    once.add_argument("command", nargs="+", help="after --, for example: -- manage.py check")
    arguments = parser.parse_args()
    if arguments.action == "exec":
        return execute(arguments.command)
    try:
        run = env.local_run()
    except env.EnvironmentProblem as problem:
        sys.stderr.write(f"mdv cannot start: {problem}\n")
        return 1
    return Supervisor(run).run()


if __name__ == "__main__":
    sys.exit(main())
