"""The shapes of the API's requests and answers; names on the wire are the contract's.

Used by the views; `intelligence_schemas` has those of what is computed from the text.
Unknown members are ignored everywhere.
"""

import uuid
from typing import Annotated, Any, Literal

from django.core.exceptions import ValidationError as InvalidEmail
from django.core.validators import validate_email
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    WrapValidator,
)
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

#: The type of the errors whose message completes the sentence "<name> ...".
REFUSED = "refused"


def must(expectation: str) -> WrapValidator:
    """Return a validator whose one error message is "must <expectation>"."""

    def check(value: object, inner: ValidatorFunctionWrapHandler) -> object:
        try:
            return inner(value)
        except ValidationError as error:
            raise PydanticCustomError(REFUSED, "must {what}", {"what": expectation}) from error

    return WrapValidator(check)


def valid_email(value: str) -> str:
    try:
        validate_email(value)
    except InvalidEmail as error:
        raise ValueError(value) from error
    return value


#: What ends a line or is no character to be read, as a part of a pattern.
CONTROLS = r"\x00-\x1f\x7f-\x9f\u2028\u2029"

Timestamp = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
JobStatus = Annotated[
    str,
    WithJsonSchema({"type": "string", "enum": ["scheduled", "in_progress", "completed", "failed"]}),
]
Name = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        min_length=1,
        max_length=200,
        pattern=rf"^[^{CONTROLS}]*[^{CONTROLS}\s][^{CONTROLS}]*$",
    ),
    must("be a text of 1 to 200 characters without control characters."),
]
Email = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=254),
    AfterValidator(lambda value: valid_email(value) if value else value),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "format": "email", "maxLength": 254},
                {"type": "string", "maxLength": 0},
            ]
        }
    ),
    must("be an e-mail address."),
]
MOST_METADATA = 50
Metadata = Annotated[
    dict[
        Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[^\x00]+$")],
        Annotated[str, StringConstraints(max_length=128, pattern=r"^[^\x00]*$")],
    ],
    Field(max_length=MOST_METADATA),
    # What pydantic says by itself leaves out how long the names may be.
    WithJsonSchema(
        {
            "type": "object",
            "maxProperties": MOST_METADATA,
            "propertyNames": {"minLength": 1, "maxLength": 128, "pattern": r"^[^\x00]+$"},
            "additionalProperties": {"type": "string", "maxLength": 128, "pattern": r"^[^\x00]*$"},
        }
    ),
    must(
        f"be an object of at most {MOST_METADATA} texts of up to 128 characters, "
        "their names as short."
    ),
]


class Wire(BaseModel):
    """Base of all: snake_case here, camelCase on the wire. What is not set is not answered."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class Notice(Wire):
    """One sentence; the body of every refusal, too."""

    message: str


#: How every call can be refused, and what one with a JSON body can be refused for besides.
REFUSALS: dict[Any, Any] = {(400, 401, 404, 405, 500): Notice}
BODY_REFUSALS: dict[Any, Any] = {**REFUSALS, 413: Notice}


# The pattern has a lone surrogate refused: nothing can be compared with what is no Unicode.
Credential = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$"), must("be a text.")]


class Credentials(Wire):
    """The body that asks for a token."""

    type: Annotated[Literal["application"], must('be "application".')]
    app_id: Credential
    app_secret: Credential


class TokenAnswer(Wire):
    access_token: str
    expires_in: int


class Accepted(Wire):
    conversation_id: str
    job_id: uuid.UUID


class ProgressAnswer(Wire):
    """How far a job is: an extension of this engine, given with `progress=true`."""

    stage: str
    done: float
    reason: str | None
    note: str | None


class JobAnswer(Wire):
    id: uuid.UUID
    status: JobStatus
    progress: ProgressAnswer | None = None


class MemberAnswer(Wire):
    id: uuid.UUID
    name: str
    email: str | None = None


class SpeakerAnswer(Wire):
    """Who said a message or is to do something; no field at all for nobody known."""

    id: uuid.UUID | None = None
    name: str | None = None
    email: str | None = None


class MembersAnswer(Wire):
    members: list[MemberAnswer]


class ConversationAnswer(Wire):
    id: str
    type: Literal["meeting"]
    name: str
    start_time: Timestamp
    end_time: Timestamp
    members: list[MemberAnswer]
    metadata: dict[str, Any]


class ConversationsAnswer(Wire):
    conversations: list[ConversationAnswer]


class MetadataUpdate(Wire):
    """The body that changes a conversation: only its metadata can change (contract 4.1)."""

    metadata: Annotated[
        Metadata, Field(description="Replaces all of it but the engine's own entry.")
    ]


class MetadataAnswer(Wire):
    id: str
    metadata: dict[str, Any]


class PhraseAnswer(Wire):
    type: Literal["action_phrase"]
    text: str


class PolarityAnswer(Wire):
    score: float = Field(ge=-1, le=1)


class SentimentAnswer(Wire):
    """The tone of the words, counted from a word list."""

    polarity: PolarityAnswer
    suggested: Literal["negative", "neutral", "positive"]


class WordAnswer(Wire):
    """One word. Its times are estimates: the line's, spread by the length of the words."""

    word: str
    start_time: Timestamp = Field(description="An estimate.")
    end_time: Timestamp = Field(description="An estimate.")
    time_offset: float = Field(description="An estimate.")
    duration: float = Field(description="An estimate.")
    speaker_tag: int = Field(0, description="The member's place in order of appearance.")


class MessageAnswer(Wire):
    id: str
    text: str
    speaker: SpeakerAnswer = Field(serialization_alias="from")
    start_time: Timestamp
    end_time: Timestamp
    time_offset: float = Field(description="Seconds from the start of the first message.")
    duration: float
    phrases: list[PhraseAnswer]
    conversation_id: str
    sentiment: SentimentAnswer | None = None
    words: list[WordAnswer] = []


class MessagesAnswer(Wire):
    messages: list[MessageAnswer]


class MemberUpdate(Wire):
    """The body that names a member; without `email` the one it has stays."""

    id: str
    name: Name
    email: Email | None = None
