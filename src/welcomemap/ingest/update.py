"""Fetch what a list of sources or a recipe names, then make a pack of it: the two are one path.

Files arrive in a folder of parts, where a later run takes them up again. Only when every one has
arrived and is of its kind does anything change: files of a recipe take their places beside it, and
the pack appears by a rename once it is whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from welcomemap.describe import contract
from welcomemap.errors import Fault, Place, RecipeError, fault
from welcomemap.files import claimed
from welcomemap.ingest.fetch import FetchSettings, OnProgress, Partial, fetch_all, tell_nobody
from welcomemap.ingest.pack_folder import (
    Tell,
    claim_target,
    list_layers,
    list_missing,
    parts_folder,
    publish_pack,
    refuse_lost_changes,
    tell_no_step,
)
from welcomemap.ingest.recipe import Part, Recipe, find_recipe, read_recipe
from welcomemap.ingest.refresh import make_fresh_pack, record_file
from welcomemap.ingest.sources import KINDS, Source, read_sources
from welcomemap.ingest.town import build_town
from welcomemap.region.pack import MANIFEST_NAME, RegionPack, load_pack

THIS_MACHINE = ("127.0.0.1", "localhost")
_MEND = fault("Mend the part in the recipe; docs/any-town.md tells what it may hold.")


@dataclass(frozen=True)
class Update:
    """What a fresh pack holds: its layers, the files that were fetched for it, what to know."""

    layers: tuple[contract.BuiltLayer, ...]
    warnings: tuple[Fault, ...]
    files: tuple[contract.FetchedFile, ...] = ()

    @property
    def missing(self) -> tuple[contract.MissingLayer, ...]:
        """As :func:`welcomemap.ingest.pack_folder.list_missing`."""
        return list_missing(self.layers)


def update_sources(
    out: Path,
    *,
    sources: Path | None = None,
    base: RegionPack | None = None,
    settings: FetchSettings | None = None,
    on_progress: OnProgress = tell_nobody,
) -> Update:
    """Fetch every source that has an address and publish a fresh pack in ``out``.

    Parameters
    ----------
    out
        Folder of the new pack; a pack that is there already is replaced at the very end.
    sources
        An own list of sources (TOML); by default the one that comes with the program.
    base
        The pack whose other layers and settings are kept: its list of sites too, and the changes
        of it that are on record. By default the one that is in ``out``; where none is, that in use.
    on_progress
        Is told the source, its bytes so far and in all.

    Raises
    ------
    SourceListError, NetworkError, FetchedFileError, HashMismatchError, PackError, OutputError
        With the pack in ``out`` untouched. Sources that did arrive are kept for the next run.
    UsageError
        If changes of the list in ``out`` would be lost, as ``base`` is another pack.
    """
    wanted = read_sources(sources)
    parts = parts_folder(out)
    with claim_target(out, () if sources is None else (sources,)):
        pack = base or load_pack(out if (out / MANIFEST_NAME).is_file() else None)
        if pack.folder.resolve() != out.resolve():
            refuse_lost_changes(out)
        known = [source for source in wanted if source.url]
        fetched = fetch_all(known, parts, settings, on_progress)
        unknown = [source for source in wanted if not source.url]
        with publish_pack(out) as fresh:
            manifest, warnings = make_fresh_pack(pack, fetched, unknown, fresh)
        for file in fetched:
            Partial(parts, file.source.file_name).discard()
        with suppress(OSError):
            parts.rmdir()
    return Update(list_layers(manifest), tuple(warnings), tuple(map(record_file, fetched)))


def update_town(
    recipe_file: Path,
    out: Path,
    *,
    settings: FetchSettings | None = None,
    on_progress: OnProgress = tell_nobody,
    tell: Tell = tell_no_step,
) -> Update:
    """Fetch the files of a recipe that have an address, then build its pack.

    A file that the server says is unchanged is not fetched again. The others take their places
    when all have arrived; where one fails, every older file stays, and so does the pack.

    Parameters
    ----------
    recipe_file
        See :mod:`welcomemap.ingest.recipe`, or its folder; each part with ``url`` is fetched.
    out
        Folder of the pack: new, empty, or an older pack, which is replaced as a whole.
    on_progress
        Is told the source, its bytes so far and in all.
    tell
        See :func:`welcomemap.ingest.town.build_town`.

    Raises
    ------
    RecipeError
        If the recipe cannot be used, or no part of it has an address that can be asked.
    NetworkError, FetchedFileError, HashMismatchError, OutputError
        If a file cannot be fetched or is none of its kind; files and pack stay as they were.
    InputError, UsageError
        See :func:`welcomemap.ingest.town.build_town`. The files that were fetched stay.
    """
    recipe_file = find_recipe(recipe_file)
    recipe = read_recipe(recipe_file, is_fetched=True)
    sources = list_sources(recipe, recipe_file)
    folder, parts = recipe_file.parent, parts_folder(recipe_file)
    targets = {source.name: folder / recipe.parts[source.name].file for source in sources}
    with claim_target(out, (recipe_file, *targets.values())):
        refuse_lost_changes(out)  # before anything is fetched
    with claimed([parts]):
        fetched = fetch_all(sources, parts, settings, on_progress, targets=targets)
        for file in fetched:
            target = targets[file.source.name]
            Partial(parts, file.source.file_name, target).put_in_place(file)
    built = build_town(recipe_file, out, tell=tell)
    files = tuple(
        contract.shape(contract.FetchedFile, file, file.source, path=recipe.parts[name].file)
        for file in fetched
        for name in [file.source.name]
    )
    return Update(built.layers, built.warnings, files)


def list_sources(recipe: Recipe, recipe_file: Path) -> tuple[Source, ...]:
    """Return the parts of a recipe that have an address, as sources to fetch.

    Raises
    ------
    RecipeError
        If none has, an address cannot be asked, or the file of one may not be written.
    """
    sources = tuple(_as_sources(recipe.parts, recipe_file))
    where = Place(recipe_file)
    if not sources:
        raise RecipeError(
            "no part of the recipe has an address, so there is nothing to fetch",
            where=where,
            how="Write the line url into a part; or build the pack from the files that are there, "
            "with welcomemap data build RECIPE.",
        )
    return sources


def _as_sources(parts: Mapping[str, Part], recipe_file: Path) -> Iterator[Source]:
    taken = {recipe_file.resolve(): "region"}
    for name, part in parts.items():
        if not part.url:
            continue
        where = Place(recipe_file, column=name)
        _refuse_address(part, where)
        target = recipe_file.parent / part.file
        _refuse_target(target, recipe_file.parent, taken, where)
        taken[target.resolve()] = name
        kind = KINDS.get(target.suffix.lower().removeprefix("."))
        if kind is None:
            raise RecipeError(
                "a file that ends like {file} cannot be fetched",
                file=part.file,
                kinds=sorted(KINDS),
                where=where,
                how="Give a file that ends with one of {kinds}, or fetch it by hand.",
            )
        yield Source(
            name, part.source or target.name, part.url, "", kind, (), part.licence, part.source,
            part.verified, sha256=part.sha256,
        )  # fmt: skip


def _refuse_address(part: Part, where: Place) -> None:
    """Take https alone, but for a server on this machine; and no password, for packs tell it."""
    try:
        address = urlsplit(part.url)
    except ValueError:
        address = urlsplit("")
    is_safe = address.scheme == "https" or address.hostname in THIS_MACHINE
    is_web = address.scheme in ("http", "https") and bool(address.hostname)
    if not (is_safe and is_web) or address.password is not None or not part.file:
        raise RecipeError(
            "the address {url} cannot be used",
            url=part.url,
            where=where,
            how="Write an address that begins with https and holds no password, and a line file "
            "that says what the fetched file is called.",
        )


def _refuse_target(target: Path, folder: Path, taken: Mapping[Path, str], where: Place) -> None:
    """Write beside the recipe alone: a recipe of somebody else must not replace other files."""
    is_inside = target.parent.resolve().is_relative_to(folder.resolve())
    if not is_inside or target.is_dir() or target.resolve() in taken:
        raise RecipeError(
            "the file {file} of a part with an address has to lie beside the recipe, and be that "
            "of no other part",
            file=str(target),
            where=where,
            how=_MEND,
        )
