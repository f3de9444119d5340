"""The options of an append, as people choose them and as the API is told them."""

from dataclasses import asdict, dataclass
from typing import Any, Self

MAX_SPEAKERS = 20


@dataclass(frozen=True)
class AppendOptions:
    """`speakers`: how many people talk, None if nobody knows. `name`: of a new conversation."""

    speakers: int | None = None
    name: str = ""

    def query(self) -> dict[str, object]:
        """Return the API's parameters; what was not chosen is left to the API (contract 2.3)."""
        parameters: dict[str, object] = {"enableSpeakerDiarization": True}
        if self.speakers is not None:
            parameters["diarizationSpeakerCount"] = self.speakers
        if self.name:
            parameters["name"] = self.name
        return parameters

    def to_json(self) -> dict[str, Any]:
        return {key: value for key, value in asdict(self).items() if value not in (None, "")}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """Return the options of a row; keys of another version are passed over."""
        return cls(speakers=stored.get("speakers"), name=stored.get("name", ""))
