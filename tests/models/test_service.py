"""Sign-in links and the gate's row."""

import datetime as dt

from django.contrib.auth.models import User
from django.utils import timezone

from conversations.models import Gate, SignInLink

NOW = timezone.now()
HOUR = dt.timedelta(hours=1)


def test_a_link_is_stored_only_as_a_hash(ana: User) -> None:
    token = SignInLink.issue(ana.pk, NOW)
    link = SignInLink.objects.get()
    assert len(token) >= 43
    assert token not in str(SignInLink.objects.values_list().get())
    assert SignInLink.usable(token, NOW) == link


def test_a_link_works_once(ana: User) -> None:
    token = SignInLink.issue(ana.pk, NOW)
    first, second = SignInLink.usable(token, NOW), SignInLink.usable(token, NOW)
    assert first is not None
    assert second is not None
    assert [first.use(NOW), second.use(NOW)] == [True, False]
    assert SignInLink.usable(token, NOW) is None


def test_a_link_expires_and_ends_with_its_user(ana: User) -> None:
    token = SignInLink.issue(ana.pk, NOW)
    assert SignInLink.usable(token, NOW + HOUR) is None
    assert SignInLink.usable(token + "x", NOW) is None
    ana.is_active = False
    ana.save()
    assert SignInLink.usable(token, NOW) is None


def test_the_gate_is_one_row_that_only_closes_for_longer(db: None) -> None:
    assert Gate.pause_until_now() < NOW
    Gate.pause(NOW + HOUR)
    Gate.pause(NOW)
    assert Gate.pause_until_now() == NOW + HOUR
    assert Gate.objects.count() == 1
