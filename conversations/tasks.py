"""What the queue calls, by name: load, guard, call one function."""

from django.utils import timezone

from conversations import queue
from conversations.pipeline import advance as line
from conversations.pipeline.heartbeat import beat


def advance(conversation_id: int) -> None:
    """Do what is due for one conversation. Safe to run twice, late, or for a row that is gone."""
    line.advance(conversation_id)


def sweep() -> None:
    """Wake every conversation with due work: wake-ups may be lost, rows are not."""
    for conversation_id in line.due_conversations(timezone.now()):
        queue.wake(conversation_id)


def canary() -> None:
    """Prove that this cluster still fetches and runs tasks."""
    beat()
