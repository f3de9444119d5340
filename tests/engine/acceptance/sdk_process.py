"""The vendor's client in a process of its own, because it keeps threads and settings for good.

Started by `sdk` with the engine's address. Each line of input is a call, [name, arguments,
named arguments]; each line of output is what the client made of the engine's answer, under
the API's names. An error of the client ends the process.
"""

import importlib
import json
import signal
import sys
from operator import attrgetter
from types import SimpleNamespace
from typing import Any

import symbl_rest  # type: ignore[import-untyped]

_DEADLINE_SECONDS = 60
_POLL_SECONDS = 0.05


def main(host: str) -> None:
    configuration = symbl_rest.Configuration()
    configuration.host = host
    symbl_rest.Configuration.set_default(configuration)
    # The client takes the host over while it is imported.
    client = importlib.import_module("symbl")
    conversation = importlib.import_module("symbl.Conversations").Conversation
    # A job is asked after every 30 seconds, and there is no argument that says otherwise.
    conversation._Conversation__INTERVAL_TIME_IN_SECONDS = _POLL_SECONDS
    generated = symbl_rest.ApiClient(configuration)
    calls = SimpleNamespace(
        Audio=client.Audio,
        Video=client.Video,
        Text=client.Text,
        Conversations=client.Conversations,
        AuthenticationToken=client.AuthenticationToken,
        # What the client above is made of, for the calls that it gets wrong or lacks.
        JobsApi=symbl_rest.JobsApi(generated),
        ConversationsApi=symbl_rest.ConversationsApi(generated),
        call_api=generated.call_api,
    )

    def understood(answer: object) -> Any:
        if isinstance(answer, conversation):
            return {
                "conversationId": answer.get_conversation_id(),
                "jobId": answer.get_job_id(),
                "status": answer.get_job_status(),
            }
        return generated.sanitize_for_serialization(answer)

    for line in sys.stdin:
        name, arguments, named = json.loads(line)
        signal.alarm(_DEADLINE_SECONDS)
        answer = attrgetter(name)(calls)(*arguments, **named)
        sys.stdout.write(json.dumps(understood(answer)) + "\n")
        sys.stdout.flush()


main(sys.argv[1])
