"""The router of the engine's calls: what all of their paths have in common."""

from collections.abc import Callable
from typing import Any, TypeVar

from ninja import Router

View = TypeVar("View", bound=Callable[..., Any])


class Paths(Router):
    """A router whose paths may end with a slash, as those of some documents do (contract 6.1)."""

    def __init__(self, **options: Any) -> None:
        super().__init__(by_alias=True, exclude_unset=True, **options)

    def api_operation(
        self, methods: list[str], path: str, **options: Any
    ) -> Callable[[View], View]:
        plain = super().api_operation(methods, path, **options)
        slashed = super().api_operation(
            methods, f"{path}/", **{**options, "include_in_schema": False}
        )

        def register(view: View) -> View:
            slashed(view)
            plain(view)
            return view

        return register
