"""Hashed static files for production, named by STORAGES when HASHED_STATIC is on."""

from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Follows the imports between our own ES modules, so that each is served under its hash.

    Only `js/` of this project is searched: Django 5.2 trips over an import inside
    a comment of django-htmx's unused extensions.
    """

    support_js_module_import_aggregation = True
    _patterns: dict[str, list[Any]]

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        patterns = dict(self._patterns)
        patterns["js/*.js"] = patterns.pop("*.js")
        self._patterns = patterns
