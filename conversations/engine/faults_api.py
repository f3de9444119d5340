"""The call that switches faults; mounted for everybody, and unknown unless ENGINE_FAULTS is on."""

from django.conf import settings
from django.http import HttpRequest
from ninja import Router
from pydantic import RootModel

from conversations.engine import faults
from conversations.engine.errors import ApiError
from conversations.engine.schemas import Notice

router = Router()


class Switches(RootModel[dict[str, float]]):
    """What is to go wrong; the names are those of `faults.SWITCHES`."""


@router.put("/faults", response={200: Notice}, include_in_schema=False)
def set_faults(request: HttpRequest, switches: Switches) -> Notice:
    """Replace the switches by the object in the body; an empty one ends all misbehaviour."""
    if not settings.ENGINE_FAULTS:
        raise ApiError(404, "There is nothing at this path.")
    try:
        faults.set_switches(switches.root)
    except faults.UnknownSwitch as error:
        raise ApiError(400, str(error)) from error
    return Notice(message=f"Switched on: {', '.join(sorted(switches.root)) or 'nothing'}.")
