"""The fonts of the paper. They come in wheels, so that no font of the system plays a part.

Source Sans Pro (SIL Open Font License) for Latin, Greek and Cyrillic; DejaVu Sans, which comes with
matplotlib, for everything else it has, Arabic among it.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from welcomemap.extras import require_extra

require_extra("paper", by=__name__)

import font_source_sans_pro  # noqa: E402 - what the extra brings
import matplotlib  # noqa: E402 - as above
from matplotlib.font_manager import FontProperties  # noqa: E402 - as above
from matplotlib.ft2font import FT2Font  # noqa: E402 - as above


def find_font_folders() -> tuple[Path, Path]:
    """Return the folders of the two font families."""
    return (
        Path(str(font_source_sans_pro.__file__)).parent / "files",
        Path(matplotlib.get_data_path()) / "fonts" / "ttf",
    )


def pick_font(text: str, size_pt: float, *, is_bold: bool = False) -> FontProperties:
    """Return the font that can write a text, named by its file and never looked up."""
    own, wide = find_font_folders()
    first = own / f"SourceSansPro-{'Semibold' if is_bold else 'Regular'}.ttf"
    has_all = all(ord(sign) in _signs_of(str(first)) for sign in text if not sign.isspace())
    second = wide / f"DejaVuSans{'-Bold' if is_bold else ''}.ttf"
    return FontProperties(fname=str(first if has_all else second), size=size_pt)


@lru_cache(maxsize=8)
def _signs_of(path: str) -> frozenset[int]:
    return frozenset(FT2Font(path).get_charmap())
