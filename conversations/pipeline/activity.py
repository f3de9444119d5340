"""What the screens say about an append: its stage in words, and what to do when it is stuck."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django.utils import timezone

from conversations.models import Append, Conversation, Source, State
from conversations.models.append import MOVING
from conversations.pipeline.accept import public_part
from conversations.pipeline.recover import settled_at

FIRST_STEP = {Source.FILE: "Uploaded", Source.URL: "Noted", Source.TEXT: "Kept"}
WORKING = {
    Source.FILE: "Transcribing",
    Source.URL: "Transcribing",
    Source.TEXT: "Reading the transcript",
}
STEP_OF = {
    State.QUEUED: 1,
    State.SUBMITTING: 2,
    State.UNKNOWN: 2,
    State.PROCESSING: 3,
    State.STALLED: 3,
    State.SYNCING: 4,
    State.SYNCED: 5,
    State.FAILED: 3,
    State.CANCELLED: 1,
}
STAGE_SENTENCES = {
    "scheduled": "Waiting for the speech server",
    "waiting": "Waiting for the speech server",
    "fetching": "The server is fetching the recording",
    "decoding": "Reading the recording",
    "separating": "Separating the speakers",
    "recognising": "Writing down what was said",
}
SENDING = {
    Source.FILE: "Sending the recording",
    Source.URL: "Telling the server where the recording is",
    Source.TEXT: "Sending the transcript",
}
JOB_FAILED = {
    Source.FILE: (
        "Listen to the recording. If people can be heard in it, send it again; if not, "
        "give it up and upload it anew from the original."
    ),
    Source.URL: (
        "Open the address. If the recording is there for everybody, send it again; if not, "
        "give it up and add it with an address that leads to it."
    ),
    Source.TEXT: "Send it again. If it fails again, give it up and upload the recording instead.",
}
KEPT = {
    Source.FILE: "The recording is safe here.",
    Source.URL: "The address is kept here, and the recording is where it was.",
    Source.TEXT: "The transcript is safe here.",
}
#: What stays of a recording that is given up.
LEFT = {
    Source.FILE: "The file is kept.",
    Source.URL: "The address is kept.",
    Source.TEXT: "The transcript is kept.",
}
#: The statuses of the contract (3.2), as far as they are known, in words.
CALLED = {
    "scheduled": "in line",
    "in_progress": "being worked on",
    "completed": "done",
    "failed": "failed",
    "": "no status",
}


@dataclass(frozen=True)
class Problem:
    """Three short sentences: what happened, what is safe, what to do."""

    what: str
    safe: str
    todo: str


@dataclass(frozen=True)
class Action:
    """A decision that is open to a person; `available_at` lies in the future if it is too early."""

    name: str
    label: str
    danger: bool = False
    available_at: dt.datetime | None = None


@dataclass(frozen=True)
class Activity:
    """One append as a person sees it."""

    append: Append
    title: str
    step: int
    steps: tuple[str, ...]
    sentence: str
    done: float | None
    since: dt.datetime
    moving: bool
    problem: Problem | None
    actions: tuple[Action, ...]
    note: str
    version: str

    @property
    def left(self) -> str:
        """What stays here when it is given up, in a sentence."""
        return LEFT[Source(self.append.recording.source)]

    @property
    def address(self) -> str:
        """Where a person can look what is there; "" if what is shown of it does not lead there."""
        url = self.append.recording.url
        return url if url == public_part(url) else ""

    @cached_property
    def evidence(self) -> tuple[tuple[str, str], ...]:
        """What is known about an append that a person has to decide on; asks the database."""
        return _evidence(self.append)


def activities(conversation: Conversation) -> list[Activity]:
    """Return the conversation's appends, newest first."""
    rows = Append.objects.filter(conversation=conversation).select_related(
        "recording", "conversation"
    )
    line = list(rows.order_by("seq"))
    now = timezone.now()
    blocked: Append | None = None
    shown = []
    for append in line:
        shown.append(describe(append, now, blocked))
        if append.waits_for_person and blocked is None:
            blocked = append
    return shown[::-1]


def busy(conversation_ids: Iterable[int]) -> dict[int, Activity]:
    """Return what to say in a list about each conversation that has unfinished work."""
    now = timezone.now()
    rows = Append.objects.unfinished().filter(conversation_id__in=list(conversation_ids))
    said: dict[int, Activity] = {}
    for append in rows.select_related("recording", "conversation").order_by("seq"):
        said.setdefault(append.conversation_id, describe(append, now, None))
    return said


def describe(append: Append, now: dt.datetime, blocked: Append | None) -> Activity:
    """Return the append in words; `blocked` is an earlier one that waits for a person."""
    state = State(append.state)
    return Activity(
        append=append,
        title=append.recording.original_name,
        step=STEP_OF[state],
        steps=_steps(Source(append.recording.source)),
        sentence=_sentence(append, state, blocked),
        # Nought is what is told while nobody counts.
        done=(append.stage_done or None) if state == State.PROCESSING else None,
        since=append.created_at if append.is_moving else append.state_since,
        moving=state in MOVING and blocked is None,
        problem=_problem(append, state),
        actions=_actions(append, state, now),
        note=append.note,
        version=append.version,
    )


def _steps(source: Source) -> tuple[str, ...]:
    working = WORKING[source].split()[0]
    return FIRST_STEP[source], "Waiting", "Sending", working, "Fetching", "Ready"


def _sentence(append: Append, state: State, blocked: Append | None) -> str:
    if state == State.QUEUED and blocked is not None:
        return f"Waits for a decision about {blocked.recording.original_name}"
    if state == State.PROCESSING:
        return STAGE_SENTENCES.get(append.stage, WORKING[Source(append.recording.source)])
    return {
        State.QUEUED: "Waiting for its turn",
        State.SUBMITTING: SENDING[Source(append.recording.source)],
        State.SYNCING: "Fetching the transcript",
        State.SYNCED: "Ready",
        State.UNKNOWN: "It is not known whether the server took this recording",
        State.FAILED: "This recording was not transcribed",
        State.STALLED: "The server no longer answers for this job",
        State.CANCELLED: "Given up",
    }[state]


def _problem(append: Append, state: State) -> Problem | None:
    """Return what to say when something is wrong, None if nothing is."""
    kept = KEPT[Source(append.recording.source)]
    if state == State.UNKNOWN:
        return Problem(
            append.error or "The server's answer was lost.",
            f"{kept} Nothing is sent twice by itself.",
            _unknown_todo(append),
        )
    if state == State.STALLED:
        todo = "Look at the transcript: if the recording is in it, say so; if not, send it again."
        return Problem(append.error, kept, todo)
    if state == State.FAILED:
        return Problem(append.error, kept, _failed_todo(append))
    if append.is_moving and append.error:
        todo = "Nothing to do: it is tried again by itself, at least once a minute."
        if append.error_code == "credentials":
            todo = "An admin has to correct SYMBL_APP_ID and SYMBL_APP_SECRET; then it goes on."
        return Problem(append.error, kept, todo)
    return None


def _unknown_todo(append: Append) -> str:
    if append.conversation.remote_id is None:
        return (
            "This would be a new conversation at the server, so sending it again cannot double "
            "anything here. It can be sent again once the first attempt has certainly ended."
        )
    return (
        "The conversation is being watched. If the recording appears it is fetched by itself; "
        "if it does not, send it again once the first attempt has certainly ended."
    )


def _failed_todo(append: Append) -> str:
    if append.error_code == "job_failed":
        return JOB_FAILED[Source(append.recording.source)]
    return "Correct what the server objects to, then send it again; or give it up."


def _actions(append: Append, state: State, now: dt.datetime) -> tuple[Action, ...]:
    if state == State.QUEUED:
        return (Action("cancel", "Take out of the line", danger=True),)
    if state == State.FAILED:
        return (Action("retry", "Send again"), Action("give_up", "Give up", danger=True))
    if state in (State.UNKNOWN, State.STALLED):
        settled = settled_at(append)
        retry = Action("retry", "Send again", True, settled if settled > now else None)
        give_up = Action("give_up", "Give up", danger=True)
        if append.conversation.remote_id is None:
            return retry, give_up
        return Action("it_is_there", "It is there, fetch it"), retry, give_up
    return ()


def _evidence(append: Append) -> tuple[tuple[str, str], ...]:
    if not append.waits_for_person:
        return ()
    recording = append.recording
    known = [("Attempts", str(append.attempts))]
    if recording.url:
        known.append(("Address", public_part(recording.url)))
    else:
        known.append(("Size", f"{recording.size / 1024**2:.1f} MB"))
        known.append(("SHA-256", recording.sha256))
    if append.attempt_id:
        known.append(("Attempt", str(append.attempt_id)))
    known += _calls(append)
    if append.job_id:
        known.append(("Job", append.job_id))
    if append.snapshot is not None and append.conversation.remote_id:
        before = append.snapshot
        known.append(("Lines at the server before", str(before.get("messages", 0))))
        known.append(("Members at the server before", str(len(before.get("members", [])))))
    return tuple(known)


def _calls(append: Append) -> list[tuple[str, str]]:
    """Return what the server told by webhook about the present attempt, in order and in words."""
    told: dict[str, list[str]] = {}
    for hit in append.present_hits:
        told.setdefault(hit.job_id, []).append(CALLED.get(hit.status, hit.status))
    lines = (f"{', '.join(said)} (job {job or 'unknown'})" for job, said in told.items())
    return [("The server called", "; ".join(lines))] if told else []
