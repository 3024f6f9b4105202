"""Write a paper in all its forms: all files or none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import MappingProxyType

from welcomemap.errors import MissingExtraError, fault
from welcomemap.extras import has_extra
from welcomemap.files import (
    Written,
    check_ending,
    check_outputs,
    claimed,
    describe_written,
    written_beside,
)
from welcomemap.region.pack import RegionPack
from welcomemap.report.gis import make_geojson, make_geopackage
from welcomemap.report.office import make_csv_files, make_workbook
from welcomemap.report.paper import Paper
from welcomemap.report.paper_study import ask_study
from welcomemap.report.request import FORMATS, PaperRequest, check_request
from welcomemap.report.study_file import (
    STUDY_SUFFIX,
    Carried,
    SavedStudy,
    describe_inputs,
    make_study_file,
)
from welcomemap.study.study import Study


def make_svg(paper: Paper) -> Mapping[str, bytes]:
    """Return each map as SVG."""
    return {key: svg for key, (svg, _) in paper.pictures.items()}


def make_png(paper: Paper) -> Mapping[str, bytes]:
    """Return each map as PNG at 300 dpi."""
    return {key: png for key, (_, png) in paper.pictures.items()}


Maker = Callable[[Paper], Mapping[str, bytes]]


def make_pdf(paper: Paper) -> Mapping[str, bytes]:
    """Return the paper itself."""
    return {"": paper.make_pdf()}


def make_document(paper: Paper) -> Mapping[str, bytes]:
    """Return the paper as a text document."""
    from welcomemap.report.text_document import make_document as make  # noqa: PLC0415 - print alone

    return make(paper)


MAKERS: Mapping[str, Maker] = MappingProxyType(
    {
        "pdf": make_pdf,
        "xlsx": make_workbook,
        "gpkg": make_geopackage,
        "geojson": make_geojson,
        "csv": make_csv_files,
        "png": make_png,
        "svg": make_svg,
        "docx": make_document,
    }
)
TABLE_FORMS = ("csv", "xlsx", "geojson", "gpkg")
"""Forms that are tables or layers: what they need is in the core."""


def write_paper(
    pack: RegionPack,
    request: PaperRequest,
    out: Path,
    *,
    study: Study | None = None,
    tell: Callable[[str, float], None] | None = None,
    also_read: Sequence[Path] = (),
    carried: Carried | None = None,
) -> tuple[Written, ...]:
    """Write the paper to ``out``, further forms beside it, and the file that repeats it.

    Parameters
    ----------
    out
        Its ending names a form, such as ``.pdf``; ``request.formats`` names further ones.
    study
        A study of the same pack that is kept open; a new one if ``None``.
    tell
        Is told the form that is made next and the share (0-1) that is done.
    also_read
        Files that the caller has read and that must stay, beside the pack's and the request's.
    carried
        Choices, lists and candidates that the study file holds; it names other files of the request
        as they lie beside it.

    Returns
    -------
    tuple of Written
        ``out`` first, the study file last.

    Raises
    ------
    UsageError
        If the ending or a form is unknown, the request cannot be used, or a file of the paper would
        take the place of one that it is made from.
    MissingExtraError
        If a form is to be printed or drawn, and what that needs is not installed.
    BusyOutputError
        If another run is writing the same paper.
    OutputError
        If a file cannot be written; then none is.
    """
    forms = choose_forms(request, out)
    require_forms(forms)
    districts = tuple(int(number) for number in pack.districts["district"])
    check_request(request, districts, pack.groups)
    read = (*pack.files, *map(Path, request.files), *also_read)
    check_outputs([out.with_suffix(f".{form}") for form in forms], read)
    with claimed([out.with_suffix(STUDY_SUFFIX)], inputs=read):
        inputs = describe_inputs(pack, request)
        contents = _make_all(pack, request, out, forms, study=study, tell=tell)
        held = carried or Carried(SavedStudy(str(pack.region["id"])), out.parent)
        contents[out.with_suffix(STUDY_SUFFIX)] = make_study_file(
            request, inputs, contents, out, held
        )
        check_outputs(contents, read)
        return _write_all(contents)


def _make_all(
    pack: RegionPack,
    request: PaperRequest,
    out: Path,
    forms: Sequence[str],
    *,
    study: Study | None,
    tell: Callable[[str, float], None] | None,
) -> dict[Path, bytes]:
    """Return every file of the paper but the one that repeats it."""
    paper = Paper(ask_study(study or Study(pack), request))
    contents: dict[Path, bytes] = {}
    for number, form in enumerate(forms):
        if tell is not None:
            tell(form, number / len(forms))
        contents |= _make(MAKERS[form], paper, out.with_suffix(f".{form}"), is_asked=number == 0)
    return contents


def choose_forms(request: PaperRequest, out: Path) -> tuple[str, ...]:
    """Return the forms to write, that of ``out`` first.

    Raises
    ------
    UsageError
        If the ending of ``out`` is none of the forms.
    """
    return tuple(dict.fromkeys((find_form(out), *request.formats)))


def find_form(out: Path) -> str:
    """Return the form that the ending of a file names.

    Raises
    ------
    UsageError
        If it is none of the forms.
    """
    return check_ending(out, [f".{form}" for form in FORMATS], fault("a paper")).removeprefix(".")


def require_forms(forms: Sequence[str]) -> None:
    """Require what the forms of a paper are made with.

    Raises
    ------
    MissingExtraError
        If a form needs an extra that is not installed; it names the forms that need none.
    """
    printed = tuple(form for form in forms if form not in TABLE_FORMS)
    if printed and not has_extra("paper"):
        raise MissingExtraError(
            "a paper as {forms} needs the extra {extra}",
            forms=printed,
            extra="paper",
            others=TABLE_FORMS,
            how="Install it with: pip install 'welcomemap[{extra}]'; {others} need none.",
        )


def _make(
    maker: Callable[[Paper], Mapping[str, bytes]], paper: Paper, path: Path, *, is_asked: bool
) -> dict[Path, bytes]:
    """Make the files of one form; those of several parts carry the part's name.

    The first part of the form that was asked for takes the very name that was asked for.
    """
    made = maker(paper)
    asked = next(iter(made), "") if is_asked else ""
    return {
        path if part == asked else path.with_name(f"{path.stem}.{part}{path.suffix}"): content
        for part, content in made.items()
    }


def _write_all(contents: Mapping[Path, bytes]) -> tuple[Written, ...]:
    """Write all files beside their places, then rename them all."""
    with ExitStack() as stack:
        for path, content in contents.items():
            stack.enter_context(written_beside(path)).write_bytes(content)
    return tuple(describe_written(path) for path in contents)
