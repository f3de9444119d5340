"""Answers of the API that make no sense, kept as they came, for an admin to look at."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils import timezone

from conversations.models import UnreadableAnswer
from conversations.pipeline.plan import clean
from conversations.symbl import Unreadable

MOST_KEPT = 200


@contextmanager
def kept_if_unreadable() -> Iterator[None]:
    """Keep what an `Unreadable` raised inside is about, and let it through.

    Must not stand in a transaction that the error would undo.
    """
    try:
        yield
    except Unreadable as error:
        keep(error)
        raise


def keep(error: Unreadable) -> None:
    """Store the answer; of one that comes again and again only the newest, of all the newest 200.

    An answer that does not carry its request was no answer of the API, or may hold a secret.
    """
    if not error.request:
        return
    about = {
        "request": clean(error.request)[:300],
        "place": clean(error.path)[:300],
        "problem": clean(error.problem)[:300],
    }
    came = {"at": timezone.now(), "body": clean(error.body.decode("utf-8", "replace"))}
    if not UnreadableAnswer.objects.filter(**about).update(**came):
        UnreadableAnswer.objects.create(**about, **came)
    newest_first = UnreadableAnswer.objects.order_by("-at", "-pk")
    too_many = list(newest_first.values_list("pk", flat=True)[MOST_KEPT:])
    UnreadableAnswer.objects.filter(pk__in=too_many).delete()
