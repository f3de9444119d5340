"""An engine whose native code crashes."""

from __future__ import annotations

import os
import sys


def engine() -> None:
    sys.stderr.write("about to fall\n")
    sys.stderr.flush()
    os.abort()
