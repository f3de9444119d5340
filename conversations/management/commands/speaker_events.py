"""`manage.py speaker_events convert`: speaker events from one format into another."""

import argparse
import io
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from conversations.management.database import add_data_folder
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
#: So many problems of one kind are told one by one.
MOST_TOLD = 20
#: What a source lists one by one; its problems are told by their number in it.
LISTED: Mapping[str, str] = {"zoom": "Entry", "symbl": "Event"}
#: What was done about a problem, where its own sentence does not say so.
DONE: Mapping[Code, str] = {
    Code.START_TWICE: "The earlier start was kept.",
    Code.STOP_BEFORE_START: "It was left out.",
    Code.ZERO: "It was left out.",
    Code.NEGATIVE: "It was cut at the start of the recording.",
    Code.OUT_OF_ORDER: "The entries were put in order.",
}


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
        add_data_folder(convert, "a data folder; a conversion leaves it alone")
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
        listed = LISTED.get(source, "Turn")
        # Turns and entries were counted before they became events; only events still are.
        events = listed if source == "symbl" else ""
        told = [(problem, listed) for problem in timeline.remarks]
        told += [(problem, events) for problem in pairing.problems]
        for note in _notes(told):
            self.stderr.write(note)
        if isinstance(sys.stdout, io.TextIOWrapper):
            # The formats are UTF-8 with line ends of their own, whatever the terminal is.
            sys.stdout.reconfigure(encoding="utf-8", newline="")
        self.stdout.write(write(pairing.spans, target), ending="")


def _content(file: str) -> bytes:
    return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()


def _notes(problems: Iterable[tuple[Problem, str]]) -> list[str]:
    """Return a line for each problem that reading has settled, by kind; many are cut short.

    Beside a problem stands what its index counts, "" where the source has no such thing.
    """
    kinds: defaultdict[Code, list[str]] = defaultdict(list)
    for problem, listed in problems:
        kinds[problem.code].append(_note(problem, listed))
    notes = []
    for told in kinds.values():
        notes += told[:MOST_TOLD]
        if len(told) > MOST_TOLD:
            notes.append(f"{len(told) - MOST_TOLD} more like this.")
    return notes


def _note(problem: Problem, listed: str) -> str:
    """Return where and whose the problem is, what it is, and what was done about it."""
    where = f"{listed} {problem.index + 1}" if listed and problem.index is not None else ""
    about = ", ".join(filter(None, (where, problem.speaker.label if problem.speaker else "")))
    return f"{about}: {problem.sentence} {_done(problem)}".rstrip()


def _done(problem: Problem) -> str:
    is_before = problem.code is Code.NEGATIVE and (problem.until_ms or 0) <= 0
    is_open = problem.code is Code.UNCLOSED and problem.until_ms is None
    return "It was left out." if is_before or is_open else DONE.get(problem.code, "")
