"""How the API's document describes submissions, made from the models that check them."""

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel

from conversations.engine.parameters import (
    AddressParameters,
    Parameters,
    SpeechParameters,
    query_names,
)
from conversations.engine.texts import TextParameters

Document = dict[str, Any]

_SIMPLE = {"string", "boolean", "integer", "number"}


def recording(media_types: Iterable[str]) -> Document:
    """Return what a submission of a recording of one of these types looks like."""
    content = {"schema": {"type": "string", "format": "binary"}}
    return {
        "parameters": _query(SpeechParameters),
        "requestBody": {
            "description": "The recording itself; its type may be left out.",
            "required": True,
            "content": dict.fromkeys(media_types, content),
        },
    }


def address() -> Document:
    return _in_json(AddressParameters, "Where the recording lies, and the parameters.")


def text() -> Document:
    return _in_json(TextParameters, "What was said, and the parameters.")


def body(model: type[BaseModel], description: str) -> Document:
    """Return what a call looks like whose JSON body its view reads by itself."""
    return {
        "requestBody": {
            "description": description,
            "required": True,
            "content": {"application/json": {"schema": _schema(model)}},
        },
    }


def _in_json(model: type[Parameters], description: str) -> Document:
    return {"parameters": _query(model), **body(model, description)}


def _query(model: type[Parameters]) -> list[Document]:
    """Return the parameters that may stand in the query; lists and objects stand there as JSON."""
    properties = _schema(model)["properties"]
    return [_parameter(name, properties[name]) for name in query_names(model)]


def _parameter(name: str, schema: Document) -> Document:
    kinds = {part.get("type") for part in schema.get("anyOf", [schema])}
    if kinds <= _SIMPLE | {"null"}:
        return {"in": "query", "name": name, "schema": schema}
    return {"in": "query", "name": name, "content": {"application/json": {"schema": schema}}}


def _schema(model: type[BaseModel]) -> Document:
    schema = model.model_json_schema()
    definitions = schema.pop("$defs", {})
    inlined: Document = _inlined(schema, definitions)
    return inlined


def _inlined(part: Any, definitions: Document) -> Any:
    """Return the part with its references replaced: ours lead to where the document has nothing."""
    if isinstance(part, list):
        return [_inlined(item, definitions) for item in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        return _inlined(definitions[part["$ref"].rpartition("/")[2]], definitions)
    return {key: _inlined(value, definitions) for key, value in part.items()}
