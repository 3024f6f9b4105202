"""One paper about Düsseldorf in all its forms, made once, and a tiny city."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.worlds import load_rechteckstadt
from welcomemap.region.pack import RegionPack, load_pack
from welcomemap.report import FORMATS, PaperRequest, write_paper
from welcomemap.report.paper import Paper
from welcomemap.report.paper_study import ask_study
from welcomemap.study.study import Study

REQUEST = PaperRequest(
    "2026", compare="2019", focus_district=7, reference="SON/012/2026", formats=FORMATS
)


@dataclass(frozen=True)
class Made:
    """A pack, its open study, and the folder with ``paper.pdf`` and everything beside it."""

    pack: RegionPack
    study: Study
    folder: Path

    def file(self, ending: str) -> Path:
        return self.folder / f"paper.{ending}"


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("paper")
    pack = load_pack()
    study = Study(pack)
    write_paper(pack, REQUEST, folder / "paper.pdf", study=study)
    return Made(pack, study, folder)


@pytest.fixture(scope="session")
def paper(made: Made) -> Paper:
    return Paper(ask_study(made.study, REQUEST))


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> RegionPack:
    return load_rechteckstadt(tmp_path_factory.mktemp("tiny"))
