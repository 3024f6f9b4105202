"""Titles of the maps and their descriptions for people who do not see them."""

from __future__ import annotations

from welcomemap.coverage.gap_result import DistrictGap
from welcomemap.coverage.headings import is_part
from welcomemap.coverage.words import (
    MODE_WORDS,
    word_estimate,
    word_group,
    word_the_group,
    word_threshold,
)
from welcomemap.report.candidate_table import letter_of
from welcomemap.report.lists import name_scenario
from welcomemap.report.paper_study import PaperStudy
from welcomemap.report.proofs import name_single_best
from welcomemap.wording import Text, format_share, list_words


def title_candidates(study: PaperStudy) -> Text:
    """Return the finding of the map of candidates."""
    best = name_single_best(study)
    if best is None:
        return Text("Wo ein weiterer Standort liegen könnte", "Where one more site could lie")
    name = str(study.proofs[0].places.get(best, {}).get("name", best))
    the, people = word_the_group(study.group), word_group(study.group)
    most = f"The most {people.en}" if is_part(study.group) else "Most people"
    return Text(
        f"Die meisten {the.de} gewinnt ein Standort in: {name}",
        f"{most} gain from a site at: {name}",
    )


def title_change(study: PaperStudy) -> Text:
    """Return the finding of the map of gains and losses."""
    found = study.difference
    if found is None:
        return Text("", "")
    city = next((row for row in found.rows if row.area_kind == "city"), None)
    before, after = name_scenario(found.from_scenario), name_scenario(found.to_scenario)
    if city is None:
        return Text(f"Von {before} zu {after}", f"From {before} to {after}")
    gained, lost = word_estimate(city.gained), word_estimate(city.lost)
    people = word_group(city.group)
    reports = city.by_reports
    if reports is not None and city.rests_on_disputed:
        other = word_estimate(reports.gained), word_estimate(reports.lost)
        return Text(
            f"Von {before} zu {after}: {gained.de} {people.de} neu in Reichweite nach den Listen, "
            f"{other[0].de} nach den datierten Berichten; nicht mehr in Reichweite {lost.de} oder "
            f"{other[1].de}",
            f"From {before} to {after}: {gained.en} {people.en} newly within reach by the lists, "
            f"{other[0].en} by the dated reports; no longer within reach {lost.en} or "
            f"{other[1].en}",
        )
    return Text(
        f"Von {before} zu {after}: {gained.de} {people.de} neu in Reichweite, {lost.de} nicht mehr",
        f"From {before} to {after}: {gained.en} {people.en} newly within reach, "
        f"{lost.en} no longer",
    )


def describe_districts(study: PaperStudy) -> Text:
    """Describe the map of districts: each one's share and whether a site lies in it."""
    request, words = study.request, study.words
    people = word_the_group(study.group)
    count = sum(point.is_located for point in study.published)
    disputed = sum(point.is_disputed for point in study.published)
    lacks = Text("", "")
    if study.omitted:
        lacks = Text(
            f"; {len(study.omitted)} nennt die Liste nicht, die laut datierten Berichten geöffnet "
            f"{'sind' if len(study.omitted) > 1 else 'ist'}",
            f"; the list omits {len(study.omitted)} that dated reports have open",
        )
    parts = [_describe_district(gap, words.district) for gap in study.gaps.districts]
    return Text(
        f"Karte von {study.pack.name} mit {len(parts)} Gebieten und {count} Standorten, davon "
        f"{disputed} strittig{lacks.de}. Anteil der {people.de}, die {MODE_WORDS[request.mode].de} "
        f"innerhalb von {word_threshold(request.threshold, 'de')} einen Standort erreichen: "
        + "; ".join(part.de for part in parts) + ".",
        f"Map of {study.pack.name} with {len(parts)} areas and {count} sites, {disputed} of them "
        f"disputed{lacks.en}. Share of {people.en} who reach a site {MODE_WORDS[request.mode].en} "
        f"within {word_threshold(request.threshold, 'en')}: "
        + "; ".join(part.en for part in parts) + ".",
    )  # fmt: skip


def _describe_district(gap: DistrictGap, word: Text) -> Text:
    de, en = (format_share(gap.share, k, gap.interval) for k in ("de", "en"))
    none = Text(", kein Standort", ", no site") if gap.is_located_unserved else Text("", "")
    return Text(
        f"{word.de} {gap.district} {de}{none.de}", f"{word.en} {gap.district} {en}{none.en}"
    )


def describe_candidates(study: PaperStudy) -> Text:
    """Describe the map of candidates: letter, name, district and gain of each."""
    if study.comparison is None:
        return Text("", "")
    parts, people = [], word_group(study.group)
    for k, row in enumerate(study.comparison.to_json()["candidates"]):
        gain = word_estimate(row["gained"][study.group])
        where = row["district"] if row["district"] is not None else "?"
        parts.append(
            Text(
                f"{letter_of(k)} {row['name']} in {study.words.district.de} {where}, {gain.de} "
                f"{people.de} zusätzlich",
                f"{letter_of(k)} {row['name']} in {study.words.district.en} {where}, {gain.en} "
                f"more {people.en}",
            )
        )
    return Text(
        f"Karte von {study.pack.name} mit den Standorten der Liste und {len(parts)} möglichen "
        "Standorten: " + "; ".join(part.de for part in parts) + ".",
        f"Map of {study.pack.name} with the sites of the list and {len(parts)} candidate sites: "
        + "; ".join(part.en for part in parts) + ".",
    )  # fmt: skip


def describe_change(study: PaperStudy) -> Text:
    """Describe the map of gains and losses: each quarter with a change."""
    rows = [
        row for row in (study.difference.rows if study.difference else ())
        if row.area_kind == "quarter" and (row.gained or row.lost)
    ]  # fmt: skip
    gains = [(row.name, word_estimate(row.gained)) for row in rows if row.gained]
    losses = [(row.name, word_estimate(row.lost)) for row in rows if row.lost]
    said = [
        list_words([f"{name} {number.in_language(k)}" for name, number in found], k)
        for k in ("de", "en") for found in (gains, losses)
    ]  # fmt: skip
    none = Text("keine", "none")
    return Text(
        f"{title_change(study).de}. Gewonnen: {said[0] or none.de}. Verloren: "
        f"{said[1] or none.de}.",
        f"{title_change(study).en}. Gained: {said[2] or none.en}. Lost: {said[3] or none.en}.",
    )
