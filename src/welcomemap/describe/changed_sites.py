"""What changed in a list of service points, who gains by it and who loses, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from welcomemap.coverage.reach import Interval
from welcomemap.describe.changes import word_interval
from welcomemap.describe.words import LEAST_PEOPLE, MODE_WORDS, word_estimate, word_threshold
from welcomemap.study.changed_sites import ChangeKind, Effect, ListChange, SiteChange
from welcomemap.wording import (
    Phrase,
    Verbatim,
    join_phrases,
    say,
    say_counted,
    say_date,
    say_list,
    say_number,
)


def describe_list_change(change: ListChange) -> tuple[Phrase, ...]:
    """Return what became of each site, of all together, and of how many nothing did."""
    if not change.changes:
        return (say("Nothing changes in the list {scenario}.", scenario=change.scenario),)
    return (*map(describe_site_change, change.changes), *_sum_up(change))


def describe_site_change(change: SiteChange) -> Phrase:
    """Return what became of one site, and who gains by it and who loses."""
    told = _tell_kind(change)
    if change.effect is not None:
        told = say("{told}: {effect}.", told=told, effect=_word_effect(change.effect))
    else:
        told = say("{told}.", told=told)
    return join_phrases(told, *_tell_more(change))


def _tell_kind(change: SiteChange) -> Phrase:
    address = _shorten(change.address)
    if change.kind is ChangeKind.ADDED:
        return say("New: {address}", address=address)
    if change.kind is ChangeKind.CLOSED:
        return say("{address} closes", address=address)
    return _tell_changed(change, address)


def _tell_changed(change: SiteChange, address: str) -> Phrase:
    if change.kind is ChangeKind.MOVED:
        if change.before is not None and _shorten(change.before["address"]) == address:
            return say("{address} is at another place", address=address)
        return Verbatim(_word_move(change))
    if change.kept is not None:
        return say("{address} opens again", address=address)
    if not change.columns:
        return say("{address} changes by its dates", address=address)
    return say("{address} changes in {columns}", address=address, columns=say_list(change.columns))


def _word_move(change: SiteChange) -> str:
    """Write both addresses, the street once where it stays: Gumbertstraße 160 → 119."""
    before = "" if change.before is None else change.before["address"]
    first, second = _shorten(before or change.id), _shorten(change.address)
    street, _, number = second.rpartition(" ")
    is_same_street = street != "" and first.rpartition(" ")[0] == street
    return f"{first} → {number if is_same_street else second}"


def _shorten(address: str) -> str:
    return address.partition(",")[0].strip()


def _word_effect(effect: Effect) -> Phrase:
    """Say who loses and who gains: about 210 people lose, about 340 people gain."""
    lost, gained = effect.lost, effect.gained
    if max(lost, gained) < LEAST_PEOPLE:
        return say("nobody loses, nobody gains")
    losers = say_counted(
        "{number} person loses", "{number} people lose",
        count=round(lost), number=word_estimate(lost),
    )  # fmt: skip
    gainers = say_counted(
        "{number} person gains", "{number} people gain",
        count=round(gained), number=word_estimate(gained),
    )  # fmt: skip
    if gained < LEAST_PEOPLE:
        return say("{losers}, nobody gains", losers=losers)
    if lost < LEAST_PEOPLE:
        return say("nobody loses, {gainers}", gainers=gainers)
    return say("{losers}, {gainers}", losers=losers, gainers=gainers)


def _tell_more(change: SiteChange) -> Iterator[Phrase]:
    if change.last_day is not None:
        last = say_date(change.last_day)
        if change.kind is ChangeKind.MOVED:
            yield say("Last day at the old address: {last}.", last=last)
        else:
            yield say("Last day: {last}.", last=last)
    if change.kind is ChangeKind.CLOSED:
        return
    if not change.is_located:
        yield say("Its address has no sure place: it stands in the list and counts for nobody.")
    elif not change.is_serving:
        yield say("It is planned and counts for nobody yet.")


def _sum_up(change: ListChange) -> Iterator[Phrase]:
    total = change.total
    if total is not None:
        if sum(one.effect is not None for one in change.changes) != 1:
            yield say("All together: {effect}.", effect=_word_effect(total))
        yield say(
            "Those lose who had a site within reach ({mode} within {threshold}) and have none "
            "now, those gain who have one and had none. These are estimates; the interval "
            "of those who lose is {losses}, of those who gain {gains}.",
            mode=MODE_WORDS[change.mode],
            threshold=word_threshold(change.threshold),
            losses=_word_bounds(total.lost_interval),
            gains=_word_bounds(total.gained_interval),
        )
    if not change.unchanged:
        return
    yield say_counted(
        "{count} site stays as it is.",
        "{count} sites stay as they are.",
        count=len(change.unchanged),
    )


def _word_bounds(interval: Interval) -> Phrase:
    if interval[1] < LEAST_PEOPLE:
        return say_number(0)
    low, high = round(interval[0]), round(interval[1])
    return say_number(high) if low == high else word_interval(interval)
