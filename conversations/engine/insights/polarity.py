"""Sentiment: a count of friendly and unfriendly words. It understands nothing."""

import re

from conversations.engine.insights.text import listed, straight
from conversations.engine.insights.types import Suggested

_GOOD = frozenset(
    listed("""
    agree agreed amazing appreciate appreciated awesome beautiful best better brilliant
    congratulations delighted delightful easy enjoy enjoyed enjoys excellent excited exciting
    fabulous fantastic fun generous glad good gorgeous grateful great happy helpful hopeful
    impressed impressive incredible lovely loved loves love marvellous marvelous nice optimistic
    outstanding perfect perfectly pleasant pleased pleasure positive progress promising proud
    reliable relieved satisfied smooth smoothly solved splendid success successful successfully
    superb terrific thank thankful thanks thrilled valuable welcome win winning wonderful won
    """)
)
_BAD = frozenset(
    listed("""
    afraid angry annoyed annoying anxious awful bad badly blame broke broken bug bugs complain
    complained complaint complaints concern concerned concerns confused confusing crash crashed
    crashes damage damaged dangerous delay delayed delays difficult disappointed disappointing
    disaster error errors fail failed failing fails failure failures fear frustrated frustrating
    furious hate hated hates horrible hurt impossible lost mess miserable mistake mistakes
    negative nightmare painful pointless poor poorly problem problems sad scared slow sorry
    stuck terrible trouble ugly unacceptable unclear unfair unfortunate unfortunately unhappy
    unreliable upset useless waste wasted weak worried worry worrying worse worst wrong
    """)
)
_NOT = frozenset(listed("not no never without hardly barely cannot neither nor"))
_VERY = frozenset(
    listed("very really so extremely incredibly totally absolutely completely truly deeply too")
)
_TOKEN = re.compile(r"good (?:morning|afternoon|evening|night)\b|\w+(?:'\w+)*|[.,;:!?]")
_TURNS = frozenset(".,;:!?") | {"but", "however"}
_REACH = 3


def sentiment(text: str) -> float | None:
    """Return -1 (unfriendly) to 1 (friendly) to 3 decimals, None for a text without words.

    The sum s of the counted words becomes s / (|s| + 1 + words / 8): one friendly word
    alone makes a text of up to ten words "positive", longer texts need more.
    """
    total, count, recent = 0.0, 0, list[str]()
    for token in _TOKEN.findall(straight(text.lower())):
        if token in _TURNS:
            recent = []
        if not token[0].isalnum():
            continue
        count += 1
        total += _weight(token, recent)
        recent = [*recent[1 - _REACH :], token]
    return round(total / (abs(total) + 1 + count / 8), 3) if count else None


def suggested(score: float) -> Suggested:
    """Return the word the contract gives a score: neutral from -0.3 to 0.3 (4.2)."""
    if score < -0.3:
        return "negative"
    return "positive" if score > 0.3 else "neutral"


def _weight(word: str, before: list[str]) -> float:
    """Return what a word counts after the words before it: "not bad" is only half good."""
    weight = (word in _GOOD) - (word in _BAD) + 0.0
    if not weight:
        return 0.0
    if any(other in _VERY for other in before[-1:]):
        weight *= 1.5
    if any(other in _NOT or other.endswith("n't") for other in before):
        weight *= -0.5 if weight < 0 else -1
    return weight
