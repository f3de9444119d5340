"""The answer to a submission, and the job that it starts (contract 2.1, 3.1)."""

from collections.abc import Mapping
from dataclasses import dataclass

from conversations.symbl import reading
from conversations.symbl.errors import Unreadable

COMPLETED_WORDS = frozenset({"completed", "complete"})
"""The reference says completed, the vendor's tutorial once says complete."""

FAILED_WORD = "failed"

LONGEST_ID = 64
"""Characters of the ids in an answer to a submission: there is room for no more of these."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The server took a submission: the conversation it belongs to and the job to watch."""

    conversation_id: str
    job_id: str


@dataclass(frozen=True, slots=True)
class Job:
    """The state of a job; everything but id and status is None where servers tell no more.

    `status` is the server's own word. `stage`, `done` (0 to 1), `reason` and `note`
    come from the `progress` object that the bundled engine adds.
    """

    id: str
    status: str
    stage: str | None = None
    done: float | None = None
    reason: str | None = None
    note: str | None = None

    @property
    def is_completed(self) -> bool:
        """Whether the job ended well and its results are complete."""
        return self.status in COMPLETED_WORDS

    @property
    def is_failed(self) -> bool:
        """Whether the job ended without a result."""
        return self.status == FAILED_WORD

    @property
    def is_running(self) -> bool:
        """Whether the job has not ended; a word we do not know counts as running."""
        return not (self.is_completed or self.is_failed)


def read_accepted(document: object) -> Accepted:
    """Return the two ids that answer a submission."""
    raw = reading.json_object(document)
    return Accepted(
        conversation_id=reading.identifier(
            raw.get("conversationId"), "conversationId", longest=LONGEST_ID
        ),
        job_id=reading.identifier(raw.get("jobId"), "jobId", longest=LONGEST_ID),
    )


def read_job(document: object) -> Job:
    """Return a job; progress that makes no sense is left out, it is only decoration."""
    raw = reading.json_object(document)
    named = raw["id"] if raw.get("id") is not None else raw.get("jobId")
    progress = raw.get("progress")
    told: Mapping[str, object] = progress if isinstance(progress, dict) else {}
    return Job(
        id=reading.identifier(named, "id"),
        status=reading.text(raw.get("status"), "status"),
        stage=_text_or_none(told.get("stage")),
        done=_fraction_or_none(told.get("done")),
        reason=_text_or_none(told.get("reason")),
        note=_text_or_none(told.get("note")),
    )


def _text_or_none(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _fraction_or_none(value: object) -> float | None:
    try:
        return min(1.0, max(0.0, reading.number(value, "done")))
    except Unreadable:
        return None
