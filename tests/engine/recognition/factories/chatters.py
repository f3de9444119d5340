"""An engine whose native code prints on standard output, before and while it works."""

from __future__ import annotations

import os
import sys

from tests.engine.recognition.factories.talker import Talker


def engine() -> tuple[Talker, Talker]:
    os.write(1, b"model loaded\n")
    sys.stdout.write("from Python as well\n")
    return Talker(), Talker()
