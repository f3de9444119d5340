"""Whether a sentence asks something."""

import re

from conversations.engine.insights.text import straight, words

_OPENING = r"(?:(?:and|but|now|ok|okay|or|so|sorry|then|well|yes|no)\b,?\s+){0,3}"
_WH = r"(?:what|when|where|which|who|whom|whose|why|how)"
_AUXILIARY = (
    r"(?:am|are|is|was|were|do|does|did|have|has|had|can|could|will|would|shall|should|may|might"
    r"|must|isn't|aren't|wasn't|don't|doesn't|didn't|haven't|hasn't"
    r"|can't|couldn't|won't|wouldn't|shouldn't)"
)
_OPENS = re.compile(rf"{_OPENING}(?:{_WH}(?:'s|'re)?|{_AUXILIARY})\b", re.IGNORECASE)
# Without a question mark only word order that nothing but a question has. "Had I known"
# and "should you need" are conditions, "what is needed is" is a statement.
_INVERTED = re.compile(
    rf"""{_OPENING}(?:
      (?:where|why|who|how|what|when)\ (?:am|are|is|do|does|did|can|could|would|should)\ \w+
    | how\ (?:far|long|many|much|often|soon)\ \w+(?:\ \w+)?\ (?:are|is|do|does|did|can|will|have)\b
    | (?:do|does|did|can|could|will|would|are|is|isn't|aren't|don't|didn't)
      \ (?:you|we|they|he|she|it|there|anyone|anybody|everyone)\b
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_SECOND_VERB = re.compile(r"\b(?:is|are|was|were)\b.*\b(?:is|are|was|were)\b", re.IGNORECASE)


def question_score(sentence: str) -> float:
    """Return how surely a sentence asks, 0 for one that does not.

    0.95 with a question mark and an opening that asks ("Where is it?"), 0.8 with the mark
    and at least three words ("And the swing?"), 0.6 without the mark but in the order of a
    question ("can you see it"), 0.4 for a mark after one or two words ("Really?").
    """
    sentence = straight(sentence)
    if sentence.rstrip("\"'”)]").endswith("?"):
        if _OPENS.match(sentence):
            return 0.95
        return 0.8 if len(words(sentence)) > 2 else 0.4
    asks = not sentence.endswith("!") and _INVERTED.match(sentence)
    return 0.6 if asks and not _SECOND_VERB.search(sentence) else 0.0
