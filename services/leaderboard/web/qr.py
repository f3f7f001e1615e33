"""QR codes as pictures that a page can show without loading anything."""

import segno

_BORDER = 2  # of four that the standard asks for: the page puts it on a white field of its own


def picture(text: str) -> str:
    """Return an SVG of a text as a data: URI, dark on light."""
    made: str = segno.make(text, error="m", micro=False).svg_data_uri(border=_BORDER, scale=8, dark="#0b1220")
    return made
