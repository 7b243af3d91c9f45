"""Command line: `python -m infonce train`, `eval`, `embed`; `--help` says the rest."""

import sys

from infonce.train.cli import main

if __name__ == "__main__":
    sys.exit(main())
