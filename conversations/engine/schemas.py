"""The shapes of the API's requests and answers; names on the wire are the contract's.

Used by the views. Unknown parameters and members are ignored everywhere.
"""

import uuid
from typing import Annotated, Any, Literal

from django.core.exceptions import ValidationError as InvalidEmail
from django.core.validators import validate_email
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidatorFunctionWrapHandler,
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


def digits_only(value: object) -> object:
    """Refuse the other ways to write an integer, such as 2.0 or 1_0."""
    if isinstance(value, str) and not (value.isascii() and value.isdigit()):
        raise ValueError(value)
    return value


def valid_email(value: str) -> str:
    try:
        validate_email(value)
    except InvalidEmail as error:
        raise ValueError(value) from error
    return value


Text = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=200, pattern=r"^[^\x00]*$")
]
Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00]+$"),
    must("be a text of 1 to 200 characters."),
]
Email = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=254),
    AfterValidator(lambda value: valid_email(value) if value else value),
    must("be an e-mail address."),
]


class Wire(BaseModel):
    """Base of all: snake_case here, camelCase on the wire. What is not set is not answered."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class Parameters(Wire):
    """The query parameters of a submission that this engine acts on or checks."""

    name: Annotated[Text, must("be a text of at most 200 characters.")] = ""
    enable_speaker_diarization: Annotated[bool, must("be true or false.")] = False
    diarization_speaker_count: Annotated[
        int | None,
        Field(ge=1, le=20),
        BeforeValidator(digits_only),
        must("be a whole number from 1 to 20."),
    ] = None
    language_code: Annotated[
        str,
        StringConstraints(pattern=r"^(?i:en)([-_][A-Za-z]{2,4})?$"),
        must("be English, such as en-US: this engine recognises English only."),
    ] = "en-US"
    confidence_threshold: Annotated[
        float, Field(ge=0.5, le=1.0), must("be a number from 0.5 to 1.0.")
    ] = 0.5
    webhook_url: str | None = Field(None, description="Accepted and ignored: poll the job.")


class Credentials(Wire):
    """The body that asks for a token."""

    type: Annotated[Literal["application"], must('be "application".')]
    app_id: str
    app_secret: str


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
    status: str
    progress: ProgressAnswer | None = None


class MemberAnswer(Wire):
    id: uuid.UUID
    name: str
    email: str | None = None


class SpeakerAnswer(Wire):
    """Who said a message; no field at all for nobody known."""

    id: uuid.UUID | None = None
    name: str | None = None
    email: str | None = None


class MembersAnswer(Wire):
    members: list[MemberAnswer]


class ConversationAnswer(Wire):
    id: str
    type: Literal["meeting"]
    name: str
    start_time: str
    end_time: str
    members: list[MemberAnswer]
    metadata: dict[str, Any]


class MessageAnswer(Wire):
    id: str
    text: str
    speaker: SpeakerAnswer = Field(serialization_alias="from")
    start_time: str
    end_time: str
    time_offset: float
    duration: float
    phrases: list[dict[str, str]]
    conversation_id: str


class MessagesAnswer(Wire):
    messages: list[MessageAnswer]


class MemberUpdate(Wire):
    """The body that names a member; without `email` the one it has stays."""

    id: str
    name: Name
    email: Email | None = None


class Notice(Wire):
    """One sentence; the body of every refusal, too."""

    message: str
