"""A workbook with the same bytes each time: a zip file notes when its parts were written."""

import io
import zipfile

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest moment that a zip file can hold."""


def steady(workbook: bytes) -> bytes:
    """Return the workbook with its parts in the same order, all of the same moment."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as given, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for part in given.infolist():
            made.writestr(zipfile.ZipInfo(part.filename, _EPOCH), given.read(part), zipfile.ZIP_DEFLATED)
    return out.getvalue()
