"""What somebody says is to be done: "I will send the deck", "Bo, can you call the bank?"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal

from conversations.engine.insights.names import Names
from conversations.engine.insights.text import listed, stem, straight

Form = Literal["own", "duty", "offer", "team", "idea", "request", "named"]

# What is done after or in a meeting and can be ticked off. "I will be there", "I will see"
# and the like are no work, so only these verbs count.
_WORK = frozenset(
    stem(verb)
    for verb in listed("""
    add analyse analyze announce approve arrange ask assign attach bake bill block book bring
    build buy calculate call cancel check circulate clarify clean close collect compare compile
    complete confirm connect contact convert cook copy correct create debug decide define delete
    deliver deploy design discuss distribute document double-check download draft edit email
    escalate estimate evaluate examine explore export file finalise finalize finish fix forward
    gather grant hire implement import improve inform install integrate interview introduce
    invest investigate invite invoice list log mail measure merge message migrate monitor move
    negotiate notify open order organise organize outline pay phone ping plan post prepare
    present print prioritise prioritize process produce propose prototype provide publish
    purchase rebuild record reconfirm reduce refactor release remind remove rename renew rent
    reorder repair replace reply report reproduce request research reschedule resend reserve
    resolve respond restart restore review revise rewrite roll run schedule search send share
    ship sign simplify solve sort specify split submit summarise summarize supply support
    swap switch test track train transfer translate update upgrade upload validate verify visit
    write
    """)
)
# "Let me start", "let's go over it": what the meeting does at once needs no note.
_AT_ONCE = frozenset(
    stem(verb)
    for verb in listed("""
    add announce ask clarify close compare define discuss estimate examine explore finish
    introduce measure move open outline plan present process remind run share simplify sort
    specify split summarise summarize switch
    """)
)
_PHRASAL_AT_ONCE = re.compile(r"(?:go (?:over|through)|look|take a look|work)\b", re.IGNORECASE)
_PHRASAL = re.compile(
    r"(?:catch up|check in|circle back|dial in|figure out|fill (?:in|out)|find out|follow up"
    r"|get (?:back to|in touch|together)|give \w+ (?:a )?(?:call|ring|update)|go (?:over|through)"
    r"|hand over|have (?:a|another) (?:call|chat|look|meeting|word)|keep (?:you|everyone) posted"
    r"|let (?:you|him|her|them|everyone) know|look (?:at|into|up)|make (?:a|an|sure|the)"
    r"|meet|pick up|put together|reach out|reconvene|reconnect|set up|speak (?:again|to|with)"
    r"|take (?:a look|care of|notes)|talk (?:again|to|with)|touch base|work (?:on|out))\b",
    re.IGNORECASE,
)
_AGAIN = re.compile(
    r"(?:catch up|check in|circle back|follow[- ]up|get (?:back to|in touch|together)|keep (?:you|"
    r"everyone) posted|let (?:you|him|her|them|everyone) know|meet|reach out|reconnect|reconvene"
    r"|speak (?:again|to|with)|talk (?:again|to|with)|touch base|reply to|respond to"
    r"|give (?:you|him|her|them) (?:a )?(?:call|ring|update)"
    r"|(?:call|phone|ping|e-?mail|message|contact) (?:you|him|her|them)\b"
    r"|have (?:a|another) (?:call|chat|meeting|word)"
    r"|(?:arrange|book|organi[sz]e|plan|schedule|set up) (?:\w+ ){0,3}?"
    r"(?:appointment|call|catch-up|chat|demo|follow-up|meeting|review|session|sync)\b)",
    re.IGNORECASE,
)
_TRIGGER = r"""
    (?P<own>\bI(?:'ll|\ will|\ shall|(?:'m|\ am)\ going\ to|\ promise\ to))
  | (?P<duty>\bI(?:\ need|\ have|'ve\ got)\ to|\bI\ must)
  | (?P<offer>\blet\ me)
  | (?P<team>\bwe(?:'ll|\ will|(?:'re|\ are)\ going\ to|\ need\ to|\ have\ to|\ must))
  | (?P<idea>\bwe\ should|\blet(?:'s|\ us))
  | (?P<request>\b(?:can|could|will)\ you|\bwould\ you(?=\ please)|(?:^|(?<=,\ ))please)
  | (?P<named>(?<!\w)(?P<name>(?-i:{names}))
      (?:'ll|\ (?:will|shall|must)|\ (?:is\ going|needs|has)\ to))
"""
_BETWEEN = re.compile(
    r"(?:\s+(?:also|certainly|definitely|first|gladly|go ahead and|have to|just|kindly|maybe"
    r"|need to|next|now|please|possibly|probably|quickly|still|then|try to)){0,3}\s+(?=[a-z])",
    re.IGNORECASE,
)
_VERB = re.compile(r"[a-z]+(?:-[a-z]+)?", re.IGNORECASE)
_CLAUSE_END = re.compile(
    r"[.,;:!?…](?=\s|$|[\")])|(?<!\s)\s+(?:[\u2013\u2014-]\s|(?:because|but|if|or|so|unless|when"
    r"|while|and\s+(?:then|I|we|you|he|she|they|let))\b)",
    re.IGNORECASE,
)
_HEDGED = re.compile(r"\b(?:if|unless|maybe|perhaps|possibly|probably|try to)\b", re.IGNORECASE)
# Said about a commitment that is none, or is somebody else's.
_NOT_MEANT = re.compile(
    r"\b(?:don't think|doubt|not sure|wonder|wish|pretend"
    r"|(?:he|she|they|you|who)\s+(?:said|says|say|told|asked|asks|promised|thinks?|thought))\b",
    re.IGNORECASE,
)
_CALLED_FIRST = r"(?i:(?:and|but|hey|hi|okay|ok|so|thanks|well|yes),?\s+)?(?P<name>{names}),\s"
_CALLED_LAST = r",\s(?P<name>{names})\s*[.?!]*$"


@dataclass(frozen=True, slots=True)
class Commitment:
    """One thing to be done; `phrase` is the words that say what.

    `form` tells how it was put: "own" (I will), "duty" (I need to), "offer" (let me),
    "team" (we will), "idea" (we should), "request" (can you) or "named" (Bo will).
    `assignee` is the id of the member named; "own", "duty" and "offer" are the speaker's.
    It is `hedged` by an if or a maybe, and `again` when it is about meeting or talking again.
    """

    form: Form
    phrase: str
    assignee: str | None
    hedged: bool
    again: bool

    @property
    def vague(self) -> bool:
        """Return True when the verb is all that was said."""
        return " " not in self.phrase


class Commitments:
    """Reads sentences for one circle of members."""

    def __init__(self, names: Names) -> None:
        self._names = names
        flags = re.IGNORECASE | re.VERBOSE
        # A name's own spaces must survive the verbose pattern: re.escape sees to it.
        self._trigger = re.compile(_TRIGGER.format(names=names.pattern), flags)
        self._called_first = re.compile(_CALLED_FIRST.format(names=names.pattern))
        self._called_last = re.compile(_CALLED_LAST.format(names=names.pattern))

    def find(self, sentence: str) -> Iterator[Commitment]:
        """Yield what the sentence says is to be done, in order.

        In a question only a request without an if counts. Denials ("I will not"), reported
        speech ("she said I will") and verbs that are no work are left out.
        """
        plain = straight(sentence)
        triggers = list(self._trigger.finditer(plain))
        if not triggers:
            return
        asked = plain.endswith("?")
        called = self._called(plain)
        hedged = _HEDGED.search(plain) is not None
        unmeant = _NOT_MEANT.search(plain)
        for trigger, following in zip_longest(triggers, triggers[1:]):
            if unmeant and unmeant.start() < trigger.start():
                return
            form = _form(trigger)
            if asked and (hedged or form != "request"):
                continue
            verb = _BETWEEN.match(plain, trigger.end())
            if verb and _is_work(plain, verb.end(), form):
                limit = following.start() if following else len(plain)
                yield Commitment(
                    form=form,
                    phrase=sentence[verb.end() : _phrase_end(plain, verb.end(), limit)],
                    assignee=self._assignee(trigger, form, called),
                    hedged=hedged,
                    again=_AGAIN.match(plain, verb.end()) is not None,
                )

    def _called(self, sentence: str) -> str | None:
        """Return the id of the member whom the sentence calls by name, first or last."""
        called = self._called_first.match(sentence) or self._called_last.search(sentence)
        return self._names[called["name"]].id if called else None

    def _assignee(self, trigger: re.Match[str], form: Form, called: str | None) -> str | None:
        if form == "named":
            return self._names[trigger["name"]].id
        return called if form == "request" else None


def _phrase_end(sentence: str, start: int, limit: int) -> int:
    clause_end = _CLAUSE_END.search(sentence, start, limit)
    phrase = sentence[start : clause_end.start() if clause_end else limit].rstrip()
    if phrase.lower().endswith(" and"):
        phrase = phrase[:-4].rstrip()
    return start + len(phrase)


def _form(trigger: re.Match[str]) -> Form:
    forms: tuple[Form, ...] = ("own", "duty", "offer", "team", "idea", "request", "named")
    return next(form for form in forms if trigger[form] is not None)


def _is_work(sentence: str, start: int, form: Form) -> bool:
    at_once = form in ("offer", "idea")
    if _PHRASAL.match(sentence, start):
        return not (at_once and _PHRASAL_AT_ONCE.match(sentence, start))
    verb = _VERB.match(sentence, start)
    root = stem(verb.group().lower()) if verb else ""
    return root in _WORK and not (at_once and root in _AT_ONCE)
