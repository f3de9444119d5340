"""The vendor's Python client, unchanged but for its host, as tests call it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings

_PROGRAM = Path(__file__).with_name("sdk_process.py")


class Sdk(NamedTuple):
    """Calls the client by name, such as `Audio.process_file`."""

    process: "subprocess.Popen[str]"

    def __call__(self, name: str, *arguments: object, **named: object) -> Any:
        """Return what the client made of the answer, under the API's names."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps([name, arguments, named]) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, f"the client ended over {name}; its error output says why"
        return json.loads(line)

    def request(self, method: str, path: str, body: object = None) -> Any:
        """Return the answer to a call that the client has no method for."""
        return self(
            "call_api",
            path,
            method,
            body=body,
            header_params={"Content-Type": "application/json"},
            auth_settings=["bearerAuth"],
            response_type="object",
            _return_http_data_only=True,
        )


@contextmanager
def started(host: str, folder: Path) -> Iterator[Sdk]:
    """Run the client in a folder where it finds the engine's credentials, as it documents."""
    credentials = settings.ENGINE_CREDENTIALS
    (folder / "symbl.conf").write_text(
        f"[credentials]\napp_id={credentials.app_id}\napp_secret={credentials.app_secret}\n"
    )
    with subprocess.Popen(
        [sys.executable, _PROGRAM, host],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Sdk(process)
