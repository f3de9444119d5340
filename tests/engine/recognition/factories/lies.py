"""An engine that gets hold of the protocol and writes nonsense into it."""

from __future__ import annotations

import os
from contextlib import suppress


def engine() -> None:
    for descriptor in range(3, 20):
        with suppress(OSError):
            os.write(descriptor, b'{"event": "piece", "start": NaN}\n')
    os._exit(0)
