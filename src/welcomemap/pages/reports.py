"""What residents are told of an office that a dated report has elsewhere, or closed."""

from __future__ import annotations

from babel.dates import format_date

from welcomemap.dates import read_iso_date
from welcomemap.locator import NearbySite
from welcomemap.pack.disputes import Dispute, OtherReading
from welcomemap.pages.language import Translator
from welcomemap.pages.plain import isolate


def describe_reports(site: NearbySite, translate: Translator) -> tuple[str, ...]:
    """Say what reports have against the list, and what to do; empty where nothing is."""
    told = [
        _describe(report, site, translate)
        for report in site.reported.reports
        if report.reading is not OtherReading.MARKED
    ]
    if site.is_disputed and not told:
        doubt = translate("Sources disagree whether this office is still there.")
        told.append(doubt)
    if site.is_way_to_old_place:
        told.append(
            translate("We do not know where the new address is. The way shown is to the old one.")
        )
    return (*told, translate("Please call first.")) if told else ()


def _describe(report: Dispute, site: NearbySite, translate: Translator) -> str:
    said = {
        "source": isolate(_name_source(report)),
        "date": isolate(format_report_date(report.date, translate)),
        "address": isolate(report.address),
    }
    if report.reading is OtherReading.MOVED:
        return translate(
            "According to {source}, {date}, this office has moved to {address}. "
            "The list still has the old address: {old}.",
            old=isolate(site.address), **said,
        )  # fmt: skip
    if report.names_a_house:
        return translate("According to {source}, {date}, this office has closed.", **said)
    return translate(
        "According to {source}, {date}, an office in {address} has closed. It may be this one.",
        **said,
    )


def _name_source(report: Dispute) -> str:
    """Name the source; the date that many carry at their end is said beside it, in words."""
    return report.source.removesuffix(report.date.replace("-", "/")).strip() or report.source


def format_report_date(text: str, translate: Translator) -> str:
    """Write an ISO date, month or year as the language writes it; other texts stay."""
    locale = translate.language.locale
    date = read_iso_date(text)
    if date is None:
        return text
    pattern = ("y", "MMMM y", "long")[text.count("-")]
    return str(format_date(date.first, format=pattern, locale=locale))
