"""docs/api.md: what its tables name is there, and what they must name is named.

What a cell claims beyond that is for the reader; the tests it names prove it.
"""

import ast
import functools
import html
import inspect
import re
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import pytest

from conversations.engine.api import api
from conversations.symbl import SymblClient

ROOT = Path(__file__).parents[2]
COLUMNS = ["What", "Client", "Engine", "Screen", "Test"]
DISAGREEMENTS = ["No.", "What disagrees", "Client", "Engine", "Test"]
#: Every name in the source documents: headers, parts of paths, parameters, fields, statuses.
NAMES = {
    "Authorization", "Content-Type", "Content-Length", "x-api-key", "conversationId", "memberId",
    "name", "webhookUrl", "customVocabulary", "confidenceThreshold", "detectPhrases", "entities",
    "detectEntities", "enableSeparateRecognitionPerChannel", "channelMetadata", "languageCode",
    "mode", "trackers", "enableAllTrackers", "enableSummary", "enableSpeakerDiarization",
    "diarizationSpeakerCount", "url", "entities[].customType", "entities[].text",
    "entities[].value", "channelMetadata[].channel", "channelMetadata[].speaker",
    "channelMetadata[].speaker.name", "channelMetadata[].speaker.email", "trackers[].name",
    "trackers[].vocabulary", "jobId", "message", "statusCode", "200", "201", "400", "401", "404",
    "429", "500", "scheduled", "in_progress", "completed", "complete", "failed", "webhook.jobId",
    "webhook.id", "webhook.status", "messages[].id", "messages[].text", "messages[].from",
    "messages[].from.id", "messages[].from.name", "messages[].from.email", "messages[].startTime",
    "messages[].endTime", "messages[].conversationId", "members[].id", "members[].name",
    "members[].email", "member.id", "member.name", "member.email", "insights[].id",
    "insights[].text", "insights[].type", "insights[].score", "insights[].messageIds",
    "insights[].entities", "insights[].phrases", "insights[].phrases[].type",
    "insights[].phrases[].text", "insights[].from", "insights[].definitive",
    "insights[].assignee", "speakerEvents", "speakerEvents[].type", "started_speaking",
    "stopped_speaking", "speakerEvents[].user", "speakerEvents[].user.id",
    "speakerEvents[].user.name", "speakerEvents[].user.email", "speakerEvents[].offset",
    "speakerEvents[].offset.seconds", "speakerEvents[].offset.nanos",
}  # fmt: skip


class Row(NamedTuple):
    """A row of a table: its line in the file, and its cells by their column."""

    line: int
    cells: dict[str, str]


@pytest.fixture(scope="module")
def tables() -> list[tuple[list[str], list[Row]]]:
    """Return the columns and the rows of every table of the page."""
    found: list[tuple[list[str], list[Row]]] = []
    before = ""
    for number, line in enumerate((ROOT / "docs/api.md").read_text().splitlines(), 1):
        if line.startswith("|") and not before.startswith("|"):
            found.append((cells_of(line), []))
        elif line.startswith("|") and not set(line) <= set("|- "):
            columns, rows = found[-1]
            rows.append(Row(number, dict(zip(columns, cells_of(line), strict=True))))
        before = line
    return found


@pytest.fixture(scope="module")
def rows(tables: list[tuple[list[str], list[Row]]]) -> list[Row]:
    """Return the rows of all tables."""
    return [row for _, rows in tables for row in rows]


def cells_of(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().removeprefix("|").removesuffix("|").split("|")]


def quoted(cell: str) -> list[str]:
    """Return what stands in code marks in a cell."""
    return re.findall(r"`([^`]+)`", cell)


def called(cell: str) -> list[str]:
    """Return what a cell names of the code: "`name`", "`name`: how it does it" and the like."""
    return re.findall(r"`([A-Za-z_][\w.]*)`", cell.partition(":")[0])


@functools.cache
def functions_of(path: Path) -> frozenset[str]:
    """Return the names of the functions at the top of a file; none if there is no such file."""
    if not path.is_file():
        return frozenset()
    body = ast.parse(path.read_text()).body
    return frozenset(node.name for node in body if isinstance(node, ast.FunctionDef))


def is_there(package: str, name: str) -> bool:
    """Return True if the package has the module, and that the class, function or field."""
    parts = f"{package}.{name}".split(".")
    for length in range(len(parts), 0, -1):
        try:
            found: object = import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        return has(found, parts[length:])
    return False


def has(found: object, names: list[str]) -> bool:
    """Return True if each name leads on to the next, from the object on."""
    for name in names:
        fields = getattr(found, "model_fields", {})
        if not (hasattr(found, name) or name in fields):
            return False
        found = getattr(found, name, fields.get(name))
    return True


@functools.cache
def shown() -> str:
    """Return the text of everything that words on a screen can come from."""
    package = ROOT / "conversations"
    sources = [*(ROOT / "templates").rglob("*.html"), *package.rglob("*.py")]
    texts = [path.read_text() for path in sources if package / "engine" not in path.parents]
    return re.sub(r"\s+", " ", html.unescape(" ".join(texts)))


def test_the_tables_are_the_ones_that_are_read(
    tables: list[tuple[list[str], list[Row]]],
) -> None:
    assert [columns for columns, _ in tables] == [COLUMNS] * 8 + [DISAGREEMENTS]
    assert [len(rows) > 5 for _, rows in tables] == [True] * 9


def test_no_cell_is_empty(rows: list[Row]) -> None:
    nothing = {"", "-", "\N{EN DASH}", "\N{EM DASH}", "?", "none", "none:"}
    empty = [
        (row.line, name) for row in rows for name, cell in row.cells.items() if cell in nothing
    ]
    assert empty == []


def test_every_test_that_is_named_exists(rows: list[Row]) -> None:
    missing = []
    for row in rows:
        named = quoted(row.cells["Test"])
        for name in named or [""]:
            path, _, function = name.partition("::")
            if function not in functions_of(ROOT / "tests" / path):
                missing.append((row.line, name))
    assert missing == []


@pytest.mark.parametrize(
    ("column", "package"), [("Client", "conversations.symbl"), ("Engine", "conversations.engine")]
)
def test_everything_that_is_named_in_the_code_exists(
    rows: list[Row], column: str, package: str
) -> None:
    wrong = [
        (row.line, name)
        for row in rows
        if not row.cells[column].startswith("none: ")
        for name in called(row.cells[column]) or [""]
        if not is_there(package, name)
    ]
    assert wrong == []


def test_every_word_that_is_said_to_be_on_a_screen_is_there(rows: list[Row]) -> None:
    wrong = []
    for row in rows:
        cell = row.cells.get("Screen", "none: ")
        words = re.findall(r"“((?:[^“”]|“[^“”]*”)+)”", cell)
        if not (words or cell.startswith("none: ")):
            wrong.append((row.line, cell))
        wrong += [(row.line, word) for word in words if word not in shown()]
    assert wrong == []


def test_every_name_of_the_source_documents_has_its_row(rows: list[Row]) -> None:
    named = {name for row in rows for name in quoted(row.cells.get("What", ""))}
    parts = {part for name in named for part in re.findall(r"\{(\w+)\}", name)}
    assert sorted(NAMES - named - parts) == []


def test_every_call_of_the_engine_has_its_row_and_no_other_has(rows: list[Row]) -> None:
    served = {
        f"{method.upper()} {path.replace('{kind}', kind)}"
        for path, calls in api.get_openapi_schema(path_prefix="/")["paths"].items()
        for method in calls
        for kind in ("audio", "video")
    }
    # The page writes the parts of a path as the documents do.
    written = {re.sub(r"_([a-z])", lambda letter: letter[1].upper(), call) for call in served}
    listed = {
        name
        for row in rows
        for name in quoted(row.cells.get("What", ""))
        if re.match("(GET|POST|PUT|DELETE) /", name)
    }
    assert listed == written


def test_every_parameter_of_a_call_of_the_engine_is_named(rows: list[Row]) -> None:
    named = {name for row in rows for name in quoted(row.cells.get("What", ""))}
    taken = {
        parameter["name"]
        for calls in api.get_openapi_schema(path_prefix="/")["paths"].values()
        for call in calls.values()
        for parameter in call.get("parameters", ())
        if parameter["in"] == "query"
    }
    assert sorted(taken - named) == []


def test_every_call_of_the_client_is_named(rows: list[Row]) -> None:
    calls = {
        f"SymblClient.{name}"
        for name, _ in inspect.getmembers(SymblClient, inspect.isfunction)
        if not name.startswith("_") and name != "close"
    }
    assert sorted(calls - {name for row in rows for name in called(row.cells["Client"])}) == []


def test_every_contradiction_of_the_contract_has_its_row_in_order(
    tables: list[tuple[list[str], list[Row]]],
) -> None:
    _, rows = tables[-1]
    assert [row.cells["No."] for row in rows] == [f"C{number}" for number in range(1, 31)]
