"""An engine whose only piece of text tells the limits and the environment of the process."""

from __future__ import annotations

import json
import os
import resource
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from conversations.engine.recognition.types import Piece, Progress, Span

if TYPE_CHECKING:
    from conversations.engine.recognition.types import Pcm


class Revealer:
    """Both halves of the engine."""

    uses_vocabulary = False

    def turns(self, pcm: Pcm, speakers: int | None, progress: Progress | None = None) -> list[Span]:
        return []

    def text(
        self, pcm: Pcm, spans: list[Span], language: str, vocabulary: Sequence[str] = ()
    ) -> Iterator[Piece]:
        facts = {
            "core": resource.getrlimit(resource.RLIMIT_CORE),
            "file": resource.getrlimit(resource.RLIMIT_FSIZE),
            "address": resource.getrlimit(resource.RLIMIT_AS),
            "processor": resource.getrlimit(resource.RLIMIT_CPU),
            "leads session": os.getsid(0) == os.getpid(),
            "secret": os.environ.get("SECRET_KEY"),
        }
        yield Piece(0.0, 1.0, 0, json.dumps(facts))


def engine() -> tuple[Revealer, Revealer]:
    return Revealer(), Revealer()
