"""`manage.py speaker_events convert`: speaker events from one format into another."""

import argparse
import io
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from conversations.speaker_events import (
    FORMATS_IN,
    FORMATS_OUT,
    BadInput,
    Code,
    Problem,
    ZoomOptions,
    decode,
    read,
    write,
)

DEFAULTS = ZoomOptions()
BAD_INPUT = 2


def milliseconds(text: str) -> int:
    """Return a whole number that is not negative."""
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of milliseconds")
    return int(text)


class Command(BaseCommand):
    help = "Convert speaker events: Zoom timelines, RTTM, WebVTT, CSV and the API's own JSON."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        convert = actions.add_parser("convert", help="read a file, write to standard output")
        convert.add_argument("file", help="the file to read, - for standard input")
        convert.add_argument("--from", dest="source", choices=FORMATS_IN, required=True)
        convert.add_argument("--to", dest="target", choices=FORMATS_OUT, required=True)
        convert.add_argument(
            "--end-ms", type=milliseconds, help="length of the recording; stops what nothing stops"
        )
        zoom = convert.add_argument_group("zoom", "How the samples of a Zoom timeline are read.")
        for name, what in (
            ("floor_ms", "turns of at most this length are noise"),
            ("stretch_over_ms", "longer pauses go to the speaker before"),
            ("stretch_cap_ms", "but pauses longer than this to nobody"),
            ("bridge_cap_ms", "longest pause inside the turn of one speaker"),
        ):
            default: int = getattr(DEFAULTS, name)
            zoom.add_argument(
                f"--{name.replace('_', '-')}",
                type=milliseconds,
                default=default,
                help=f"{what} (default: {default})",
            )

    def handle(self, *args: Any, file: str, source: str, target: str, **options: Any) -> None:
        zoom = ZoomOptions(
            floor_ms=options["floor_ms"],
            stretch_over_ms=options["stretch_over_ms"],
            stretch_cap_ms=options["stretch_cap_ms"],
            bridge_cap_ms=options["bridge_cap_ms"],
            end_ms=options["end_ms"],
        )
        name = "standard input" if file == "-" else file
        try:
            timeline = read(decode(_content(file)), source, options=zoom)
        except OSError as error:
            raise CommandError(f"{name}: {error.strerror}", returncode=BAD_INPUT) from None
        except BadInput as error:
            raise CommandError(f"{name}: {error}", returncode=BAD_INPUT) from None
        pairing = timeline.pairing(options["end_ms"])
        for note in _notes((*timeline.remarks, *pairing.problems)):
            self.stderr.write(note)
        if isinstance(sys.stdout, io.TextIOWrapper):
            # The formats are UTF-8 with line ends of their own, whatever the terminal is.
            sys.stdout.reconfigure(encoding="utf-8", newline="")
        self.stdout.write(write(pairing.spans, target), ending="")


def _content(file: str) -> bytes:
    return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()


def _notes(problems: Iterable[Problem]) -> list[str]:
    """Return a line for each kind of problem that reading has settled: the first, and how many."""
    kinds: defaultdict[Code, list[Problem]] = defaultdict(list)
    for problem in problems:
        kinds[problem.code].append(problem)
    return [
        found[0].sentence + (f" {len(found) - 1} more like this." if len(found) > 1 else "")
        for found in kinds.values()
    ]
