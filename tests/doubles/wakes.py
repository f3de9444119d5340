"""The functions of ENGINE_WAKE, ENGINE_WAKE_LATER and ENGINE_BEAT, which only note their calls."""

immediate: list[None] = []
delayed: list[float] = []
beats: list[None] = []


def forget() -> None:
    immediate.clear()
    delayed.clear()
    beats.clear()


def wake() -> None:
    immediate.append(None)


def wake_later(seconds: float) -> None:
    delayed.append(seconds)


def beat() -> None:
    beats.append(None)
