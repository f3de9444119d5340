"""What the engine calls to be woken and to beat (settings ENGINE_WAKE...); only notes the calls."""

immediate: list[None] = []
delayed: list[float] = []
beats: list[None] = []
webhooks: list[float] = []


def forget() -> None:
    immediate.clear()
    delayed.clear()
    beats.clear()
    webhooks.clear()


def wake() -> None:
    immediate.append(None)


def wake_later(seconds: float) -> None:
    delayed.append(seconds)


def beat() -> None:
    beats.append(None)


def wake_webhooks() -> None:
    webhooks.append(0.0)


def wake_webhooks_later(seconds: float) -> None:
    webhooks.append(seconds)
