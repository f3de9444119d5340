"""Who sees and who may correct which conversations."""

from collections.abc import Callable

from django.contrib.auth.models import AnonymousUser, User

from conversations.models import Conversation, Role, Team


def test_conversations_are_seen_by_their_team_only(
    conversation: Conversation, person: Callable[..., User]
) -> None:
    elsewhere = Conversation.objects.create(team=Team.objects.create(name="B"), name="Secret")
    people: dict[str, User | AnonymousUser] = {
        "reviewer": person("reviewer"),
        "viewer": person("viewer", Role.VIEWER),
        "admin": person("admin", Role.ADMIN),
        "outsider": person("outsider", None),
        "superuser": User.objects.create_superuser("root"),
        "anonymous": AnonymousUser(),
    }
    seen = {name: set(Conversation.objects.visible_to(user)) for name, user in people.items()}
    assert seen == {
        "reviewer": {conversation},
        "viewer": {conversation},
        "admin": {conversation},
        "outsider": set(),
        "superuser": set(),
        "anonymous": set(),
    }
    assert Conversation.objects.filter(pk=elsewhere.pk).exists()


def test_viewers_may_not_correct(conversation: Conversation, person: Callable[..., User]) -> None:
    may = {
        role: Conversation.objects.correctable_by(person(str(role), role)).exists() for role in Role
    }
    assert may == {Role.VIEWER: False, Role.REVIEWER: True, Role.ADMIN: True}
