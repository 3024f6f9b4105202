"""A paper with everything that its forms are made of, each made once and when it is needed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from welcomemap.report.document import PaperText, write_text
from welcomemap.report.paper_study import PaperStudy
from welcomemap.report.tables import PaperTable, list_tables
from welcomemap.wording import Language

if TYPE_CHECKING:
    from welcomemap.report.print_map import DrawnMap, PrintMap


@dataclass(frozen=True, eq=False)
class Paper:
    """One paper: the study's answers, and text, tables and maps made of them."""

    study: PaperStudy

    @property
    def language(self) -> Language:
        """Language of the paper."""
        return self.study.request.language

    @cached_property
    def tables(self) -> tuple[PaperTable, ...]:
        """All tables in order."""
        return list_tables(self.study)

    @cached_property
    def _all_maps(self) -> tuple[tuple[PrintMap, ...], tuple[PrintMap, ...]]:
        from welcomemap.cartography.basemap import load_basemap  # noqa: PLC0415 - print alone
        from welcomemap.report.map_content import MapMaker  # noqa: PLC0415 - as above

        maker = MapMaker(self.study, load_basemap(self.study.pack), self.language)
        return maker.list_maps(), (maker.draw_detail(),)

    @property
    def maps(self) -> tuple[PrintMap, ...]:
        """Maps in A4."""
        return self._all_maps[0]

    @property
    def large_maps(self) -> tuple[PrintMap, ...]:
        """Maps in A3 landscape."""
        return self._all_maps[1]

    @cached_property
    def text(self) -> PaperText:
        """Headings, sentences and tables in reading order."""
        return write_text(self.study, self.tables, self.maps, self.large_maps)

    @cached_property
    def drawn(self) -> dict[str, DrawnMap]:
        """Maps as they stand in the paper, by key."""
        from welcomemap.report.print_map import A3_LANDSCAPE, draw_map  # noqa: PLC0415 - print alone

        small = {content.key: draw_map(content) for content in self.maps}
        return small | {one.key: draw_map(one, A3_LANDSCAPE) for one in self.large_maps}

    @cached_property
    def pictures(self) -> dict[str, tuple[bytes, bytes]]:
        """Maps to stand alone, with heading and sources: SVG and PNG at 300 dpi, by key."""
        from welcomemap.report.print_map import A3_LANDSCAPE, draw_page  # noqa: PLC0415 - print alone

        small = {content.key: draw_page(content) for content in self.maps}
        return small | {one.key: draw_page(one, A3_LANDSCAPE) for one in self.large_maps}

    def make_pdf(self) -> bytes:
        """Return the paper as PDF."""
        from welcomemap.report.typesetting import set_pdf  # noqa: PLC0415 - print alone

        return set_pdf(self.study, self.text, self.drawn)
