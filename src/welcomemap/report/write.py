"""Write a paper in all its forms: all files or none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path

from welcomemap.errors import Place, UsageError, quote
from welcomemap.files import Written, describe_written, written_beside
from welcomemap.pack.load import RegionPack
from welcomemap.report.exports import MAKERS
from welcomemap.report.paper import Paper
from welcomemap.report.paper_study import ask_study
from welcomemap.report.request import FORMATS, PaperRequest, check_request
from welcomemap.report.study_file import STUDY_SUFFIX, describe_inputs, make_study_file
from welcomemap.study import Study


def write_paper(
    pack: RegionPack,
    request: PaperRequest,
    out: Path,
    *,
    study: Study | None = None,
    tell: Callable[[str, float], None] | None = None,
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

    Returns
    -------
    tuple of Written
        ``out`` first, the study file last.

    Raises
    ------
    UsageError
        If the ending or a form is unknown, or the request cannot be used.
    OutputError
        If a file cannot be written; then none is.
    """
    forms = choose_forms(request, out)
    check_request(request, tuple(int(number) for number in pack.districts["district"]))
    inputs = describe_inputs(pack, request)
    paper = Paper(ask_study(study or Study(pack), request))
    contents: dict[Path, bytes] = {}
    for number, form in enumerate(forms):
        if tell is not None:
            tell(form, number / len(forms))
        contents |= _make(MAKERS[form], paper, out.with_suffix(f".{form}"))
    contents[out.with_suffix(STUDY_SUFFIX)] = make_study_file(request, inputs, contents, out)
    return _write_all(contents)


def choose_forms(request: PaperRequest, out: Path) -> tuple[str, ...]:
    """Return the forms to write, that of ``out`` first.

    Raises
    ------
    UsageError
        If the ending of ``out`` is none of the forms.
    """
    ending = out.suffix.lower().removeprefix(".")
    if ending not in FORMATS:
        raise UsageError(
            f"a paper cannot be written as {quote(out.suffix or out.name)!r}",
            where=Place(out),
            how=f"End the file's name with one of .{', .'.join(FORMATS)}.",
        )
    return tuple(dict.fromkeys((ending, *request.formats)))


def _make(
    maker: Callable[[Paper], Mapping[str, bytes]], paper: Paper, path: Path
) -> dict[Path, bytes]:
    """Make the files of one form; those of several parts carry the part's name."""
    return {
        path if not part else path.with_name(f"{path.stem}.{part}{path.suffix}"): content
        for part, content in maker(paper).items()
    }


def _write_all(contents: Mapping[Path, bytes]) -> tuple[Written, ...]:
    """Write all files beside their places, then rename them all."""
    with ExitStack() as stack:
        for path, content in contents.items():
            stack.enter_context(written_beside(path)).write_bytes(content)
    return tuple(describe_written(path) for path in contents)
