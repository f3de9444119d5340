"""An engine that ends the process as if all were well."""

from __future__ import annotations

import sys


def engine() -> None:
    sys.exit(0)
