#!/usr/bin/env python
"""Command line of the dashboard. Every command takes `--data DIR`, or the variable DATA_DIR."""

import os
import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

KEEP_NOTHING = ("speaker_events",)


def take_data_folder(argv: list[str]) -> list[str]:
    """Return argv without `--data DIR`, which is put into DATA_DIR.

    The settings are read before any command parses its arguments, so the data
    folder has to be known earlier than argparse could tell it.
    """
    rest: list[str] = []
    arguments = iter(argv)
    for argument in arguments:
        if argument == "--":
            return [*rest, argument, *arguments]
        if argument == "--data":
            folder = next(arguments, "")
        elif argument.startswith("--data="):
            folder = argument.removeprefix("--data=")
        else:
            rest.append(argument)
            continue
        if not folder:
            sys.exit("--data needs a folder.")
        # Absolute: the processes that a command starts run in the project's folder.
        os.environ["DATA_DIR"] = str(Path(folder).resolve())
    return rest


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "symbl_dashboard.settings")
    argv = take_data_folder(sys.argv)
    try:
        from django.core.management import execute_from_command_line
    except ImportError:
        sys.exit(
            "Django is not installed in this Python. Run the first command of the README, "
            "then use .venv/bin/python manage.py."
        )
    with ExitStack() as until_the_end:
        if argv[1:2] and argv[1] in KEEP_NOTHING:
            # The settings make a data folder whatever the command; this one goes with it.
            os.environ["DATA_DIR"] = until_the_end.enter_context(TemporaryDirectory())
        execute_from_command_line(argv)


if __name__ == "__main__":
    main()
