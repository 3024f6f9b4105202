"""Method in one page, limits and glossary: what a reader must know to judge the numbers."""

from __future__ import annotations

from welcomemap.coverage.headings import is_part
from welcomemap.coverage.words import MODE_WORDS, word_the_group, word_threshold
from welcomemap.report.formulas import MODEL
from welcomemap.report.paper_study import PaperStudy
from welcomemap.siting.compare import Comparison
from welcomemap.study.alike import describe_kinds
from welcomemap.wording import LANGUAGES, Text, format_number, join_texts, list_words


def describe_method(study: PaperStudy) -> tuple[Text, ...]:
    """Return the method, one paragraph each."""
    request, pack = study.request, study.pack
    cells = len(pack.demand_cells)
    threshold = Text(
        word_threshold(request.threshold, "de"), word_threshold(request.threshold, "en")
    )
    paragraphs = [
        Text(
            "Wo die Menschen leben. Die Menschen jedes Gebiets sind auf "
            f"{format_number(cells, 'de')} bewohnte Zellen verteilt. Die Summen der Gebiete sind "
            "amtlich; wie sich die Menschen innerhalb eines Gebiets verteilen, ist geschätzt.",
            f"Where people live. The people of each area are spread over "
            f"{format_number(cells, 'en')} inhabited cells. The sums of the areas are official; "
            "how people are spread inside an area is estimated.",
        ),
        _describe_base(study),
        _describe_ways(study),
        Text(
            f"In Reichweite ist, wer {MODE_WORDS[request.mode].de} höchstens {threshold.de} bis "
            "zum nächsten geöffneten Standort hat. Wer genau auf der Grenze liegt, zählt dazu. "
            "Gezählt werden Menschen, nicht Flächen.",
            f"Within reach is who has at most {threshold.en} to the nearest open site "
            f"{MODE_WORDS[request.mode].en}. Who is exactly at the limit counts. People are "
            "counted, not areas.",
        ),
        Text(
            "Drei Bedeutungen von „versorgt“ bleiben getrennt: Ein Standort liegt im Bezirk. Ein "
            "Standort ist laut Liste für den Bezirk zuständig. Menschen erreichen einen Standort. "
            "Keine folgt aus der anderen.",
            "Three meanings of “served” are kept apart: a site lies in the district. The list says "
            "a site serves the district. People reach a site. None follows from another.",
        ),
        Text("", "")
        if not study.has_other_reading
        else Text(
            "Strittige Standorte zählen, wie die Liste sie nennt; daneben steht die andere Lesart, "
            "in der die datierten Berichte stimmen. Wie wahrscheinlich welche Lesart ist, weiß "
            "niemand; deshalb steht dafür keine Zahl.",
            "Disputed sites count as the list has them; beside it stands the other reading, in "
            "which the dated reports are right. Nobody knows how probable either is, so there is "
            "no number for it.",
        ),
        Text(
            f"Wie sicher. Jede Spanne kommt aus {format_number(MODEL.draws, 'de')} Ziehungen mit "
            f"dem Startwert {request.seed}, in denen alles schwankt, was unsicher ist; sie "
            f"enthält {format_number(100 * MODEL.interval, 'de')} % von ihnen.",
            f"How sure. Each interval comes from {format_number(MODEL.draws, 'en')} draws with the "
            f"seed {request.seed}, in which everything unsure varies; it holds "
            f"{format_number(100 * MODEL.interval, 'en')}% of them.",
        ),
    ]
    return tuple(text for text in paragraphs if text.de)


def _describe_base(study: PaperStudy) -> Text:
    base = study.pack.region.get("residents_base")
    said = []
    if is_part(study.group):
        people = word_the_group(study.group)
        said.append(
            Text(
                f"Alle Zahlen zählen die {people.de}, wo nichts anderes dabeisteht; wie viele von "
                "ihnen in einer Zelle leben, ist geschätzt.",
                f"All numbers count the {people.en} unless they say otherwise; how many of them "
                "live in a cell is an estimate.",
            )
        )
    if isinstance(base, dict) and "de" in base and "en" in base:
        said.append(Text(base["de"], base["en"]))
    if not said:
        return Text("", "")
    return join_texts(Text("Wer gezählt wird.", "Who is counted."), *said)


def _describe_ways(study: PaperStudy) -> Text:
    assumed = study.gaps.assumptions
    if study.request.mode == "transit":
        told = Text(
            "Wie lang der Weg ist. Wege mit Bus und Bahn sind aus Haltestellen und Linien "
            "geschätzt, nicht aus einem Fahrplan.",
            "How long the way is. Ways by bus and train are estimated from stops and lines, not "
            "from a timetable.",
        )
        return join_texts(told, assumed)
    if study.gaps.detour_factor is None:
        return join_texts(assumed)
    factor = [Text(*(format_number(v, k, 2) for k in LANGUAGES)) for v in study.gaps.detour_factor]
    bridges = Text("", "")
    if study.pack.has_layer("river"):
        bridges = Text(
            "; Flüsse werden nur auf Brücken gequert", "; rivers are crossed on bridges only"
        )
    streets = Text("Der Weg ist geschätzt", "The way is estimated")
    if study.pack.has_layer("street_edges"):
        streets = Text(
            "Wo das Straßennetz bekannt ist, folgt der Weg den Straßen. Sonst ist er geschätzt",
            "Where the streets are known, the way follows them. Elsewhere it is estimated",
        )
    told = Text(
        f"Wie lang der Weg ist. {streets.de}: Luftlinie mal {factor[0].de} (Spanne {factor[1].de} "
        f"bis {factor[2].de}){bridges.de}.",
        f"How long the way is. {streets.en}: straight line times {factor[0].en} (interval "
        f"{factor[1].en} to {factor[2].en}){bridges.en}.",
    )
    return join_texts(told, assumed)


def tell_apart(study: PaperStudy) -> Text | None:
    """Name the candidates of the list that are not ranked with the others, and why."""
    if study.apart is None or not len(study.apart):
        return None
    named = describe_kinds(study.apart)
    return Text(
        "Nicht mitverglichen, weil es um etwas anderes geht oder schon entschieden ist: "
        f"{named.de}.",
        f"Not compared, being something else or decided already: {named.en}.",
    )


def tell_own_sources(study: PaperStudy) -> tuple[Text, ...]:
    """Name the planner's own files with their whole checksums."""
    return tuple(
        Text(
            f"Eigene Datei, kein amtliches Verzeichnis: {name}, Prüfsumme SHA-256 {digest}",
            f"The planner's own file, not an official register: {name}, checksum SHA-256 {digest}",
        )
        for name, digest in study.inputs.items()
    )


def _tell_weights(comparison: Comparison) -> Text:
    """Say by what candidates are ranked, and who should decide that."""
    names = [criterion.name for criterion in comparison.criteria]
    de, en = (list_words([name.in_language(k) for name in names], k) for k in LANGUAGES)
    return Text(
        "Wie mögliche Standorte gewichtet werden, ist eine Entscheidung des Rates; hier haben alle "
        f"Kriterien dasselbe Gewicht: {de}.",
        "How candidate sites are weighted is a decision of the council; here all criteria have "
        f"equal weight: {en}.",
    )


def list_limits(study: PaperStudy) -> tuple[Text, ...]:
    """Return what the numbers do not say."""
    limits = [
        Text(
            "Umsteigen, Wartezeiten und Ausfälle sind nur im Mittel geschätzt; ein Fahrplan lag "
            "nicht vor.",
            "Changing, waiting and cancelled trips are estimated on average only; there was no "
            "timetable.",
        )
        if study.request.mode == "transit"
        else Text(
            "Wege, die geschätzt sind, können in Wirklichkeit länger sein: Treppen, Steigungen, "
            "Ampeln und gesperrte Wege sind nicht eingerechnet.",
            "Ways that are estimated may be longer in fact: stairs, slopes, traffic lights and "
            "closed paths are not counted.",
        ),
        Text(
            "Erreichbar heißt nicht geöffnet, nicht barrierefrei und nicht in der eigenen Sprache.",
            "Within reach does not mean open, step-free or in one's own language.",
        ),
        Text(
            "Ob die Zahl der Beratungsplätze reicht, ist nicht gerechnet.",
            "Whether there is enough advice for all is not counted.",
        ),
    ]
    if study.comparison is not None:
        limits.append(_tell_weights(study.comparison.comparison))
    if any(point.is_disputed for point in (*study.published, *study.omitted)):
        limits.insert(
            0,
            Text(
                "Die Liste der Standorte ist in Teilen strittig. Vor einem Beschluss sollte das "
                "Amt die strittigen Standorte klären.",
                "The list of sites is disputed in parts. The office should settle the disputed "
                "sites before a decision.",
            ),
        )
    return tuple(limits)


def explain_terms(study: PaperStudy) -> tuple[tuple[Text, Text], ...]:
    """Return the glossary: term and meaning."""
    kind = study.words.service_point.to_the_nearest()
    terms = (
        (
            Text("Andere Lesart", "Other reading"),
            Text(
                "Der Stand der Standorte, wenn datierte Berichte stimmen, die der Liste "
                "widersprechen.",
                "The sites as they are if dated reports are right that contradict the list.",
            ),
        ),
        (
            Text("In Reichweite", "Within reach"),
            Text(
                f"Der Weg bis {kind.de} ist nicht länger als die Grenze.",
                f"The way {kind.en} is no longer than the cut-off.",
            ),
        ),
        (
            Text("Möglicher Standort", "Candidate site"),
            Text(
                "Ein Ort, an dem ein Standort eröffnen könnte; keine Entscheidung.",
                "A place where a site could open; not a decision.",
            ),
        ),
        (
            Text("Spanne", "Interval"),
            Text(
                "Zwischen diesen beiden Zahlen liegt der wahre Wert wahrscheinlich.",
                "The true value probably lies between these two numbers.",
            ),
        ),
        (
            Text("Strittig", "Disputed"),
            Text(
                "Die Liste und eine andere datierte Quelle sagen Verschiedenes.",
                "The list and another dated source say different things.",
            ),
        ),
        (
            Text("Zuständig", "Said to serve"),
            Text(
                "Die Liste nennt einen Standort für einen Bezirk, auch wenn er anderswo liegt.",
                "The list names a site for a district, even if it lies elsewhere.",
            ),
        ),
        (
            Text("Überschneidung", "Overlap"),
            Text(
                "Anteil der Menschen, die ein möglicher Standort erreicht und die schon heute "
                "einen Standort erreichen.",
                "Share of the people a candidate site reaches who reach a site already.",
            ),
        ),
    )
    unused: set[str] = set()
    if study.comparison is None:
        unused |= {"Candidate site", "Overlap"}
    if not study.has_other_reading:
        unused |= {"Other reading", "Disputed"}
    return tuple((term, meaning) for term, meaning in terms if term.en not in unused)
