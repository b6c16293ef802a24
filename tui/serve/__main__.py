"""`python -m tui.serve --socket SOCKET`: one console for one browser. It looks, and no more."""

from __future__ import annotations

import sys

from tui.console.opening.browser import run

if __name__ == "__main__":
    sys.exit(run(sys.argv[2]))
