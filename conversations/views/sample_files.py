"""The samples that come with the dashboard, as if somebody had uploaded them."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404

from conversations.samples import SAMPLES, Sample


def sample_named(name: str) -> Sample:
    """Return the sample; 404 for a name that there is not."""
    for sample in SAMPLES:
        if sample.name == name:
            return sample
    raise Http404


@contextmanager
def sample_file(sample: Sample) -> "Iterator[UploadedFile[Any]]":
    """Open the sample as an upload of its own name."""
    with sample.path.open("rb") as stored:
        yield UploadedFile(file=stored, name=sample.path.name, size=sample.path.stat().st_size)


def samples_to_add(present: Collection[str]) -> list[Sample]:
    """Return what is missing of the series that the recordings named `present` belong to."""
    series = {sample.series for sample in SAMPLES if sample.path.name in present}
    return [
        sample for sample in SAMPLES if sample.series in series and sample.path.name not in present
    ]
