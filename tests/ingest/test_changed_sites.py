"""An office moves or closes: the list is changed, told, put into force, and taken back.

The numbers are counted by hand in Rechteckstadt, where one person lives in each cell of 100 m.
Within 1,000 m of a site are the cells whose straight line times 1.23 is at most 1,000 m (district
1 has streets instead); :func:`count_within` counts those of an estimate anew, cell by cell.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cases import examples
from tests.worlds import at, write_rechteckstadt
from welcomemap.crs import unproject
from welcomemap.describe.changed_sites import describe_list_change
from welcomemap.errors import (
    ChangedInputError,
    ColumnValueError,
    CoordinateWarning,
    DuplicateIdError,
    InputError,
    OutputError,
    PackError,
    TableError,
    UnknownScenarioError,
    UnreadColumnWarning,
    UsageError,
    WelcomemapError,
)
from welcomemap.files import hash_file
from welcomemap.ingest import changed_sites
from welcomemap.ingest.changed_sites import (
    MAX_STEPS,
    require_own_pack,
    undo_sites,
    update_sites,
)
from welcomemap.region.disputes import find_disputes
from welcomemap.region.pack import load_pack
from welcomemap.region.scenario import load_scenario
from welcomemap.region.verify import check_pack, seal_pack
from welcomemap.study.changed_sites import ChangeKind, Effect, ListChange, SiteChange, compare_list
from welcomemap.study.requests import WALKABLE, GapsRequest
from welcomemap.study.study import Study

DAY = dt.date(2026, 11, 27)
FIELDS = ("id", "name", "operator", "address", "stated_districts", "status", "valid_from",
          "valid_to", "source")  # fmt: skip
KEPT = {
    "a2": ("a2", "Welcome Point 1", "Verein", "Hauptstraße 50", "", "open", "", "", "tiny world"),
    "b2": ("b2", "Welcome Point 2", "Verein", "Hauptstraße 300", "", "disputed", "", "",
           "tiny world"),
}  # fmt: skip


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = write_rechteckstadt(tmp_path_factory.mktemp("world") / "pack")
    seal_pack(load_pack(made))
    return made


@pytest.fixture
def folder(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(template, tmp_path / "pack"))


def row(site: str, **cells: str) -> dict[str, str]:
    return dict(zip(FIELDS, KEPT[site], strict=True)) | cells


def write_list(path: Path, *rows: dict[str, str]) -> Path:
    columns = list(dict.fromkeys(name for one in rows for name in one))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture
def change(folder: Path, tmp_path: Path) -> Callable[..., ListChange]:
    """Compare a list of these rows with the one of 2025."""

    def compare(*rows: dict[str, str], day: dt.date = DAY) -> ListChange:
        path = write_list(tmp_path / "list.csv", *rows)
        return compare_list(Study(load_pack(folder)), "2025", path, day=day)

    return compare


def read_pack(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*") if path.is_file()
    }  # fmt: skip


def count_within(*xs: float) -> set[tuple[int, int]]:
    """Count by hand: cells within 1,000 m / 1.23 of a site at y = 1000 in districts 1 and 2."""
    return {
        (x, y)
        for x in range(2050, 4000, 100)
        for y in range(50, 2000, 100)
        if any(1.23 * ((x - site) ** 2 + (y - 1000) ** 2) ** 0.5 <= 1000 for site in xs)
    }


# --- what changed, and for whom ---


def test_the_same_list_changes_nothing(change: Callable[..., ListChange], folder: Path) -> None:
    found = change(row("a2"), row("b2"))
    assert (found.changes, found.unchanged, found.total) == ((), ("a2", "b2"), None)
    before = read_pack(folder)
    assert update_sites(load_pack(folder), found) == ()
    assert read_pack(folder) == before
    assert [one.in_language("de") for one in describe_list_change(found)] == [
        "In der Liste 2025 ändert sich nichts."
    ]


def test_a_closed_site_loses_its_own_people(change: Callable[..., ListChange]) -> None:
    """Nobody of district 2 is within reach of the other site, 2,500 m away; the river is far."""
    found = change(row("a2"))
    (one,) = found.changes
    assert (one.kind, one.id, one.last_day) == (ChangeKind.CLOSED, "b2", "2026-11-26")
    assert one.effect is not None
    assert (one.effect.gained, one.effect.lost) == (0.0, float(len(count_within(3000))))
    assert one.effect == found.total
    assert (one.after["status"], one.after["valid_to"]) == ("closed", "2026-11-26")
    # The file may say so itself, and since when.
    (told,) = change(row("a2"), row("b2", status="closed", valid_to="2026-09")).changes
    assert (told.kind, told.after["valid_to"]) == (ChangeKind.CLOSED, "2026-09")


def test_a_move_takes_from_some_and_gives_to_others(change: Callable[..., ListChange]) -> None:
    """b2 goes from x = 3000 to number 320, at x = 3195, y = 1010."""
    found = change(row("a2"), row("b2", address="Hauptstraße 320"))
    (one,) = found.changes
    assert one.kind is ChangeKind.MOVED
    assert one.kept is not None
    before = count_within(3000)
    after = {
        (x, y) for x in range(2050, 4000, 100) for y in range(50, 2000, 100)
        if 1.23 * ((x - 3195) ** 2 + (y - 1010) ** 2) ** 0.5 <= 1000
    }  # fmt: skip
    over_bridge = sum(
        # Over the bridge at (4000, 1000), whose ends are 50 m from the river on either side.
        1.23 * (((3195 - 4000) ** 2 + 10**2) ** 0.5 + ((x - 4000) ** 2 + (y - 1000) ** 2) ** 0.5)
        <= 1000
        for x in range(4050, 6000, 100) for y in range(50, 2000, 100)
    )  # fmt: skip
    assert over_bridge == 0
    assert one.effect is not None
    assert (one.effect.gained, one.effect.lost) == (len(after - before), len(before - after))
    assert one.kept["id"] == "b2@2026-11-27"
    assert (one.kept["address"], one.kept["status"]) == ("Hauptstraße 300", "closed")
    assert (one.kept["valid_to"], one.after["valid_from"]) == ("2026-11-26", "2026-11-27")
    lat, lon = unproject(np.array([at(3195, 1010)]))
    place = float(one.after["lat"]), float(one.after["lon"])
    assert place == pytest.approx((lat[0], lon[0]), abs=2e-7)
    assert (one.after["location_outcome"], one.after["status"]) == ("exact", "disputed")


def test_each_change_has_its_own_numbers_and_all_together_have_theirs(
    change: Callable[..., ListChange],
) -> None:
    """A new site 100 m beside the one that closes: alone it brings few, with the closing more."""
    new = row("a2", id="n", address="Hauptstraße 310", name="Neu")
    found = change(row("a2"), new)
    added, closed = (next(c for c in found.changes if c.kind is kind)
                     for kind in (ChangeKind.ADDED, ChangeKind.CLOSED))  # fmt: skip
    assert (found.list_ids(ChangeKind.ADDED), found.list_ids(ChangeKind.CLOSED)) == (
        ("n",),
        ("b2",),
    )
    old = count_within(3000)
    new_cells = {
        (x, y) for x in range(2050, 4000, 100) for y in range(50, 2000, 100)
        if 1.23 * ((x - 3095) ** 2 + (y - 1010) ** 2) ** 0.5 <= 1000
    }  # fmt: skip
    assert added.effect is not None
    assert closed.effect is not None
    assert found.total is not None
    assert (added.effect.gained, added.effect.lost) == (len(new_cells - old), 0)
    assert (closed.effect.gained, closed.effect.lost) == (0, len(old))
    assert (found.total.gained, found.total.lost) == (len(new_cells - old), len(old - new_cells))
    assert added.after["valid_from"] == "2026-11-27"
    assert added.after["kind"] == "welcome_point"


def test_other_columns_change_in_place(change: Callable[..., ListChange]) -> None:
    found = change(row("a2", phone="0211 1", operator=""), row("b2", status="open"))
    first, second = found.changes
    assert (first.kind, first.columns) == (ChangeKind.CHANGED, ("operator", "phone"))
    assert first.kept is None
    assert (second.columns, second.effect, found.total) == (("status",), None, None)
    # What the list knows of dates and sources is not taken back by an empty cell.
    assert change(row("a2", source="", valid_from=""), row("b2")).changes == ()


def test_another_spelling_is_no_move(change: Callable[..., ListChange]) -> None:
    for address in ("Hauptstr. 50, 99001 Rechteckstadt", "Haubtstraße 50"):
        (one,) = change(row("a2", address=address), row("b2")).changes
        assert (one.kind, one.columns, one.effect) == (ChangeKind.CHANGED, ("address",), None)


def test_the_house_next_door_is_a_move_by_which_nobody_loses(
    change: Callable[..., ListChange],
) -> None:
    (one,) = change(row("a2"), row("b2", address="Hauptstraße 302")).changes
    assert one.kind is ChangeKind.MOVED
    assert one.effect is not None
    assert (one.effect.gained, one.effect.lost) == (0, 0)


def test_the_coordinates_of_the_old_address_are_set_aside(
    change: Callable[..., ListChange], folder: Path
) -> None:
    """Whoever exports the list and changes an address leaves the coordinates of the old one."""
    listed = load_pack(folder).service_points
    a2, b2 = (dict(one) for one in listed[listed["scenario"] == "2025"].to_dict("records"))
    moved = b2 | {"address": "Hauptstraße 320"}
    found = change(a2, moved)
    (one,) = found.changes
    assert one.kind is ChangeKind.MOVED
    (plain,) = change(row("a2"), row("b2", address="Hauptstraße 320")).changes
    assert one.after["lat"] == plain.after["lat"]
    assert any(isinstance(warning, CoordinateWarning) for warning in found.warnings)
    update_sites(load_pack(folder), found)
    again = change(a2, moved)
    assert again.changes == ()


def test_a_site_without_a_sure_place_is_written_without_one(
    change: Callable[..., ListChange], folder: Path
) -> None:
    """A street alone is no place; nothing is guessed, neither now nor when the pack is opened."""
    new = row("a2", id="n", address="Hauptstraße")
    found = change(row("a2"), row("b2"), new)
    (one,) = found.changes
    assert (one.is_located, one.effect, one.after["lat"]) == (False, None, "")
    assert any(isinstance(warning, CoordinateWarning) for warning in found.warnings)
    update_sites(load_pack(folder), found)
    frame = Study(load_pack(folder)).load_scenario("2025").frame
    assert frame.set_index("id").loc["n", "x"] != frame.set_index("id").loc["n", "x"]
    assert "counts for nobody" in describe_list_change(found)[0].in_language("en")


def test_a_site_that_opens_again_keeps_both_times(
    change: Callable[..., ListChange], folder: Path
) -> None:
    update_sites(load_pack(folder), change(row("a2")))
    later = dt.date(2027, 3, 1)
    (one,) = change(row("a2"), row("b2", status="open"), day=later).changes
    assert one.kept is not None
    assert (one.kept["id"], one.kept["valid_to"]) == ("b2@2027-03-01", "2026-11-26")
    assert (one.after["valid_from"], one.after["valid_to"]) == ("2027-03-01", "")
    assert one.effect is not None
    assert one.effect.gained == len(count_within(3000))


# --- in words ---


def tell(kind: ChangeKind, gained: float, lost: float) -> ListChange:
    before = row("b2", address="Gumbertstraße 160, 40229 Düsseldorf")
    after = before | {"address": "Gumbertstraße 119, 40229 Düsseldorf"}
    effect = Effect(gained, lost, (gained, gained), (lost, lost))
    one = SiteChange(kind, "b2", before, after, last_day="2026-11-26", effect=effect)
    return ListChange("2026", "2026-11-27", WALKABLE, "walk", "", (one,), ("a",) * 1200, effect)


@pytest.mark.parametrize(
    ("gained", "lost", "german", "english"),
    [
        (340, 212, "etwa 210 Menschen verlieren, etwa 340 Menschen gewinnen",
         "about 210 people lose, about 340 people gain"),
        (1, 0, "niemand verliert, 1 Mensch gewinnt", "nobody loses, 1 person gains"),
        (0, 1, "1 Mensch verliert, niemand gewinnt", "1 person loses, nobody gains"),
        (0, 1234, "etwa 1.200 Menschen verlieren, niemand gewinnt",
         "about 1,200 people lose, nobody gains"),
        (0, 0, "niemand verliert, niemand gewinnt", "nobody loses, nobody gains"),
    ],
)  # fmt: skip
def test_a_move_is_told_in_both_languages(
    gained: float, lost: float, german: str, english: str
) -> None:
    first, *_, last = describe_list_change(tell(ChangeKind.MOVED, gained, lost))
    assert first.in_language("de") == (
        f"Gumbertstraße 160 → 119: {german}. Letzter Tag an der alten Adresse: 26. November 2026."
    )
    assert first.in_language("en") == (
        f"Gumbertstraße 160 → 119: {english}. Last day at the old address: 26 November 2026."
    )
    assert last.in_language("de") == "1.200 Standorte bleiben, wie sie sind."
    assert last.in_language("en") == "1,200 sites stay as they are."


def test_a_closing_is_told_with_its_last_day() -> None:
    told = describe_list_change(tell(ChangeKind.CLOSED, 0, 45))
    assert told[0].in_language("de") == (
        "Gumbertstraße 119 schließt: 45 Menschen verlieren, niemand gewinnt. "
        "Letzter Tag: 26. November 2026."
    )


# --- in force, and taken back ---


def test_the_list_is_written_and_nothing_else_of_it(
    change: Callable[..., ListChange], folder: Path
) -> None:
    before = (folder / "service_points.csv").read_bytes().splitlines(keepends=True)
    found = change(row("a2"), row("b2", address="Hauptstraße 320"))
    written = update_sites(load_pack(folder), found)
    after = (folder / "service_points.csv").read_bytes().splitlines(keepends=True)
    assert after[:5] == before[:5]
    assert [line.split(b",")[0] for line in after[5:]] == [b"b2", b"b2@2026-11-27"]
    assert b"tiny world" in after[6]
    pack = load_pack(folder)
    assert check_pack(pack).ok
    assert pack.region["scenario_dates"] == {"2025": "2026-11-27"}
    for one in written:
        assert (one.path.stat().st_size, hash_file(one.path)) == (one.bytes, one.sha256)
    # The site counts at its new place: the day of the list has moved on with it.
    gaps = Study(pack).find_gaps(GapsRequest("2025"))
    (own,) = [one for one in gaps.districts if one.district == 2]
    assert len(own.located) == 1


def test_undo_goes_back_step_by_step_and_byte_for_byte(
    change: Callable[..., ListChange], folder: Path
) -> None:
    states = [read_pack(folder)]
    lists = ([row("a2"), row("b2", address="Hauptstraße 320")], [row("a2", phone="1")],
             [row("a2", id="n", address="Hauptstraße 310"), row("a2")])  # fmt: skip
    for number, rows in enumerate(lists):
        update_sites(load_pack(folder), change(*rows, day=DAY + dt.timedelta(number)))
        assert check_pack(load_pack(folder)).ok
        states.append(read_pack(folder))
    states.pop()
    while states:
        step, written = undo_sites(folder)
        assert read_pack(folder) == states.pop()
        assert [one.path.name for one in written] == ["service_points.csv", "datapackage.json"]
    assert step.told.moved == ["b2"]
    assert step.told.sentences.en[0].startswith("Hauptstraße 300 → 320: ")
    with pytest.raises(UsageError, match="no change"):
        undo_sites(folder)


def test_undo_leaves_what_else_has_changed_since(
    change: Callable[..., ListChange], folder: Path
) -> None:
    before = (folder / "service_points.csv").read_bytes()
    update_sites(load_pack(folder), change(row("a2")))
    stops = folder / "candidate_sites.csv"
    stops.write_text(stops.read_text("utf-8").replace("proposal", "chosen"), "utf-8")
    seal_pack(load_pack(folder, is_verified=False))
    undo_sites(folder)
    pack = load_pack(folder)
    assert check_pack(pack).ok
    assert (folder / "service_points.csv").read_bytes() == before
    assert "scenario_dates" not in pack.region
    assert set(pack.candidate_sites["status"]) == {"chosen"}


def test_undo_refuses_to_lose_what_was_edited_by_hand(
    change: Callable[..., ListChange], folder: Path
) -> None:
    update_sites(load_pack(folder), change(row("a2")))
    path = folder / "service_points.csv"
    path.write_text(path.read_text("utf-8").replace("Welcome Point 1", "Haus 1"), "utf-8")
    with pytest.raises(ChangedInputError, match="by hand"):
        undo_sites(folder)
    assert not check_pack(load_pack(folder)).ok  # not sealed: nobody reads it unawares
    seal_pack(load_pack(folder, is_verified=False))
    with pytest.raises(ChangedInputError, match="by hand"):
        undo_sites(folder)


def test_the_history_is_bounded(
    change: Callable[..., ListChange], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MAX_STEPS == 20
    monkeypatch.setattr(changed_sites, "MAX_STEPS", 2)
    for number in range(4):
        update_sites(load_pack(folder), change(row("a2", phone=str(number)), row("b2")))
    assert len(list((folder / "history").iterdir())) == 4  # two changes, two lists
    undo_sites(folder)
    undo_sites(folder)
    assert not (folder / "history").exists()
    assert load_pack(folder).service_points.set_index("id").loc["a2", "phone"] == "1"


class PowerCutError(OSError):
    """The machine is gone: nothing is put in order."""


@pytest.mark.parametrize("is_undone", [False, True])
def test_a_crash_at_any_rename_leaves_one_list_whole(
    change: Callable[..., ListChange], folder: Path, monkeypatch: pytest.MonkeyPatch,
    is_undone: bool,
) -> None:  # fmt: skip
    """Fail at the first, second, … rename; the pack is the old one or the new one, and sound."""
    old = read_pack(folder)
    found = change(row("a2"), row("b2", address="Hauptstraße 320"))
    update_sites(load_pack(folder), found)
    new = read_pack(folder)
    rename = Path.replace
    seen = set()
    for step in range(1, 20):
        (start, end) = (new, old) if is_undone else (old, new)
        restore(folder, start)
        left = step

        def fail(path: Path, target: Path) -> Path:
            nonlocal left
            left -= 1
            if left <= 0:
                raise PowerCutError("power cut")
            return rename(path, target)

        with monkeypatch.context() as patched:
            patched.setattr(Path, "replace", fail)
            try:
                undo_sites(folder) if is_undone else update_sites(load_pack(folder), found)
                is_through = True
            except OutputError:
                is_through = False
        pack = load_pack(folder)
        assert check_pack(pack).ok
        listed = set(pack.service_points["id"])
        assert ("b2@2026-11-27" in listed) == (pack.region.get("scenario_dates") is not None)
        seen.add("b2@2026-11-27" in listed)
        # The next run puts in order what is left, whichever way it went.
        changed_sites._settle(folder)
        assert read_pack(folder) in (old, new)
        assert is_through is (left > 0)
        if is_through:
            assert read_pack(folder) == end
            break
    else:
        pytest.fail("no run came through")
    assert step > 2
    assert seen == {True, False}


def restore(folder: Path, files: dict[str, bytes]) -> None:
    shutil.rmtree(folder)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def test_who_opened_the_pack_before_reads_the_list_of_before(
    change: Callable[..., ListChange], folder: Path
) -> None:
    early = load_pack(folder)
    update_sites(load_pack(folder), change(row("a2")))
    assert set(early.service_points["status"]) == {"open", "planned", "disputed"}
    assert "closed" in set(load_pack(folder).service_points["status"])


def test_a_sha256_that_is_a_path_finds_nothing(folder: Path) -> None:
    manifest = json.loads((folder / "datapackage.json").read_text("utf-8"))
    next(r for r in manifest["resources"] if r["name"] == "lines")["sha256"] = "../lines"
    manifest.pop("sha256")
    (folder / "datapackage.json").write_text(json.dumps(manifest), "utf-8")
    (folder / "history").mkdir()
    with pytest.raises(WelcomemapError, match="not the one that the manifest records"):
        _ = load_pack(folder).lines


# --- refused ---


@pytest.mark.parametrize(
    ("rows", "error", "told"),
    [
        ([row("a2", id="x"), row("b2", id="y")], TableError, "2 of the 2 sites"),
        ([row("a2", scenario="2020"), row("b2")], ColumnValueError, "of the list 2020"),
        ([row("a2"), row("b2"), row("a2", id="a")], DuplicateIdError, "another list"),
        ([row("a2"), row("a2")], DuplicateIdError, "row 1 too"),
        ([row("a2"), row("b2", status="shut")], ColumnValueError, "status"),
        ([row("a2"), row("b2", address="Hauptstraße 320", valid_from="2027-01-01")],
         ColumnValueError, "opens on 2027-01-01 only"),
        ([row("a2"), row("b2", valid_from="2026-12", valid_to="2026-01")],
         ColumnValueError, "ends"),
    ],
)  # fmt: skip
def test_a_wrong_list_is_refused(
    change: Callable[..., ListChange], rows: list[dict[str, str]], error: type[InputError],
    told: str,
) -> None:  # fmt: skip
    with pytest.raises(error, match=told):
        change(*rows)


def test_a_scenario_that_is_not_published_is_refused(folder: Path, tmp_path: Path) -> None:
    path = write_list(tmp_path / "list.csv", row("a2"))
    with pytest.raises(UnknownScenarioError, match="2031"):
        compare_list(Study(load_pack(folder)), "2031", path, day=DAY)


def test_a_list_that_would_make_the_pack_faulty_is_not_written(
    change: Callable[..., ListChange], folder: Path
) -> None:
    before = read_pack(folder)
    found = change(row("a2"), row("b2"), row("a2", id="n", source=""))
    with pytest.raises(PackError, match="source"):
        update_sites(load_pack(folder), found)
    assert read_pack(folder) == before


def test_a_list_that_changed_since_it_was_compared_is_left_alone(
    change: Callable[..., ListChange], folder: Path
) -> None:
    found, other = change(row("a2")), change(row("a2", phone="1"), row("b2"))
    update_sites(load_pack(folder), other)
    with pytest.raises(ChangedInputError, match="in the meantime"):
        update_sites(load_pack(folder), found)


@pytest.mark.parametrize("is_installed", [False, True])
def test_the_pack_of_the_program_is_not_changed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, is_installed: bool
) -> None:
    own = tmp_path / (changed_sites.INSTALLED if is_installed else "checkout") / "geodata"
    monkeypatch.setattr(changed_sites, "embedded_pack", lambda: own)
    with pytest.raises(UsageError, match="comes with the program"):
        require_own_pack(own, is_named=False)
    if is_installed:
        with pytest.raises(UsageError, match="comes with the program"):
            require_own_pack(own, is_named=True)
    else:
        require_own_pack(own, is_named=True)  # Its owner named it.
    require_own_pack(tmp_path / "another", is_named=False)


def test_what_the_pack_has_no_column_for_is_told(
    change: Callable[..., ListChange], folder: Path
) -> None:
    path = folder / "service_points.csv"
    table = pd.read_csv(path, dtype=str, keep_default_na=False).drop(columns=["languages"])
    table.to_csv(path, index=False)
    seal_pack(load_pack(folder, is_verified=False))
    found = change(row("a2", languages="de; tr", phone="1"), row("b2"))
    (told,) = [one for one in found.warnings if isinstance(one, UnreadColumnWarning)]
    assert "languages" in str(told)
    update_sites(load_pack(folder), found)
    assert "languages" not in load_pack(folder).service_points.columns


# --- for every list ---

NUMBERS = st.integers(1, 599).filter(lambda number: number % 10 != 7).map(str)
STATUSES = st.sampled_from(["open", "planned", "closed", "disputed"])


@st.composite
def lists(draw: st.DrawFn) -> list[dict[str, str]]:
    rows = [
        row(site, address=f"Hauptstraße {draw(NUMBERS)}" if draw(st.booleans()) else KEPT[site][3],
            status=draw(STATUSES))
        for site in ("a2", "b2")[draw(st.integers(0, 1)):]
    ]  # fmt: skip
    rows += [row("a2", id=f"n{k}", address=f"Hauptstraße {draw(NUMBERS)}", status=draw(STATUSES))
             for k in range(draw(st.integers(0, 2)))]  # fmt: skip
    return rows


@settings(max_examples=examples(2, 30), suppress_health_check=list(HealthCheck))
@given(st.lists(lists(), min_size=1, max_size=2))
def test_no_id_is_ever_lost_and_undo_gives_the_same_folder(
    change: Callable[..., ListChange], template: Path, folder: Path,
    given_lists: list[list[dict[str, str]]],
) -> None:  # fmt: skip
    restore(folder, read_pack(template))
    states = []
    for number, rows in enumerate(given_lists):
        try:
            found = change(*rows, day=DAY + dt.timedelta(number))
        except TableError:  # half of the sites that were running are missing
            continue
        before = read_pack(folder)
        ids = set(load_pack(folder).service_points["id"])
        if update_sites(load_pack(folder), found):
            states.append(before)
        pack = load_pack(folder)
        assert check_pack(pack).ok
        assert ids <= set(pack.service_points["id"])
        assert change(*rows, day=DAY + dt.timedelta(number)).changes == ()
    while states:
        undo_sites(folder)
        assert read_pack(folder) == states.pop()
    assert not os.path.lexists(folder / "history")


def test_a_move_that_the_list_dates_is_not_disputed_by_an_older_closing(
    change: Callable[..., ListChange], folder: Path
) -> None:
    """The report is of 2023 and of where the site was; the list has it elsewhere since 2026."""
    history = folder / "site_history.csv"
    history.write_text(
        "address,event,date,districts,detail,source,site_ids\n"
        "Hauptstraße 300,closed,2023-05-01,2,,Zeitung 2023,b2\n",
        encoding="utf-8",
    )
    seal_pack(load_pack(folder, is_verified=False))

    def tell() -> list[tuple[str, ...]]:
        pack = load_pack(folder)
        return [one.site_ids for one in find_disputes(pack, load_scenario(pack, "2025"))]

    assert tell() == [("b2",)]
    moved = row("b2", address="Hauptstraße 340", status="open")
    update_sites(load_pack(folder), change(row("a2"), moved))
    assert tell() == []
    undo_sites(folder)
    assert tell() == [("b2",)]
