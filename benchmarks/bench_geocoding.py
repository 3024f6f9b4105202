"""How right and how fast is address search? Beside rapidfuzz over all addresses and SQLite FTS5.

The same work for all three: find the house that a text means. Clean addresses, messy forms with
30 % of the rows misspelt, and addresses that do not exist or lie elsewhere (for which any house is
wrong). Besides: time and memory until the gazetteer is ready, and the time of a suggestion.

Run: .venv/bin/python -m benchmarks.bench_geocoding
"""

from __future__ import annotations

import random
import re
import resource
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rapidfuzz import fuzz, process
from tests.geocoding.messy import Form, House, impossible_forms, messy_forms

from welcomemap.geocoding.gazetteer import GOOD, Gazetteer
from welcomemap.geocoding.geocoder import Geocoder
from welcomemap.geocoding.outcome import Outcome
from welcomemap.geocoding.street_match import street_key
from welcomemap.region.pack import load_pack

PACK = Path(__file__).parents[1] / "geodata"
N_FORMS, N_PEER_FORMS, RUNS = 10_000, 300, 3
Answer = tuple[str, str] | None
FindMany = Callable[[Sequence[str]], list[Answer]]


def located_houses(gazetteer: Gazetteer) -> list[House]:
    """Return the houses with place, postcode and quarter."""
    g = gazetteer
    return [
        House(g.streets[g.row_street[r]], g.number[r], g.postcode[r] or "", g.quarter_names[q])
        for r in range(len(g.number))
        if g.quality[r] == GOOD
        and g.postcode[r]
        and (q := g.quarter[r]) in g.quarter_names
        and g.number[r]
        and g.parts[r] is not None
        and not re.search(r"[0-9(]", g.streets[g.row_street[r]])
    ]


def welcomemap_search(geocoder: Geocoder) -> FindMany:
    """Search with this package; a house counts only if the outcome names it."""
    named = {Outcome.EXACT, Outcome.CORRECTED}

    def find(texts: Sequence[str]) -> list[Answer]:
        return [
            (r.street or "", r.house_number or "") if r.outcome in named else None
            for r in geocoder.geocode_many(texts)
        ]

    return find


def rapidfuzz_search(houses: Sequence[House], town: str) -> FindMany:
    """Compare with the full text of every address, take the best above 80 of 100."""
    labels = [f"{h.street} {h.number}, {h.postcode} {town}".lower() for h in houses]

    def find(texts: Sequence[str]) -> list[Answer]:
        answers: list[Answer] = []
        for text in texts:
            best = process.extractOne(text.lower(), labels, scorer=fuzz.ratio, score_cutoff=80)
            answers.append((houses[best[2]].street, houses[best[2]].number) if best else None)
        return answers

    return find


def fts5_search(houses: Sequence[House], town: str) -> FindMany:
    """Full-text search for any word of the text (accents dropped), best rank first."""
    base = sqlite3.connect(":memory:")
    base.execute("CREATE VIRTUAL TABLE a USING fts5(label, tokenize='unicode61')")
    rows = ((i, f"{h.street} {h.number}, {h.postcode} {town}") for i, h in enumerate(houses))
    base.executemany("INSERT INTO a(rowid, label) VALUES (?, ?)", rows)

    def find(texts: Sequence[str]) -> list[Answer]:
        answers: list[Answer] = []
        for text in texts:
            words = set(re.findall(r"\w+", text.lower()))
            query = " OR ".join(f'"{word}"' for word in sorted(words))
            row = (
                base.execute(
                    "SELECT rowid FROM a WHERE a MATCH ? ORDER BY rank LIMIT 1", (query,)
                ).fetchone()
                if query
                else None
            )
            answers.append((houses[row[0]].street, houses[row[0]].number) if row else None)
        return answers

    return find


def score(find: FindMany, forms: Sequence[Form], runs: int = RUNS) -> tuple[float, float, float]:
    """Return rows a second of processor time (median), shares of right houses and of refusals.

    Each search runs on one core; processor time keeps other work on the machine out.
    """
    texts = [form.text for form in forms]
    seconds = []
    for _ in range(runs):
        start = time.process_time()
        answers = find(texts)
        seconds.append(time.process_time() - start)
    right = sum(
        a is not None and street_key(a[0]) == street_key(f.house.street) and a[1] == f.house.number
        for a, f in zip(answers, forms, strict=True)
    )
    refused = sum(a is None for a in answers)
    return len(texts) / statistics.median(seconds), right / len(forms), refused / len(forms)


def time_suggestions(geocoder: Geocoder, houses: Sequence[House]) -> float:
    """Return the 95th percentile in ms over what is typed on the way to 200 addresses."""
    r = random.Random(7)
    typed = []
    for house in r.sample(list(houses), 200):
        text = f"{house.street} {house.number}"
        typed += [text[:n] for n in range(1, len(text) + 1)]
    geocoder.suggest("x")
    seconds = []
    for text in typed:
        start = time.perf_counter()
        geocoder.suggest(text)
        seconds.append(time.perf_counter() - start)
    return 1000 * sorted(seconds)[int(0.95 * len(seconds))]


_READY = """
import resource, time
import welcomemap.geocoding.geocoder as geocoding
from welcomemap.geocoding.gazetteer import Gazetteer
from welcomemap.region.pack import load_pack
import pyarrow.parquet, pyogrio, geopandas
PAGE_MB = resource.getpagesize() / 1e6
used_mb = lambda: int(open("/proc/self/statm").read().split()[1]) * PAGE_MB
before = used_mb()
start = time.process_time()
geocoder = geocoding.Geocoder(Gazetteer.from_pack(load_pack({pack!r})))
geocoder.geocode({text!r})
seconds = time.process_time() - start
print(seconds, used_mb() - before)
"""


def measure_ready(text: str) -> tuple[float, float]:
    """Return seconds and MB (resident, on top of imports; Linux) to the first answer."""
    code = _READY.format(pack=str(PACK), text=text)
    runs = []
    for _ in range(RUNS):
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
        seconds, megabytes = done.stdout.split()
        runs.append((float(seconds), float(megabytes)))
    return statistics.median(s for s, _ in runs), statistics.median(m for _, m in runs)


def main() -> None:
    """Print the tables."""
    gazetteer = Gazetteer.from_pack(load_pack(PACK))
    geocoder, town = Geocoder(gazetteer), gazetteer.region.town
    houses = located_houses(gazetteer)
    known = frozenset(map(street_key, gazetteer.streets))
    r = random.Random(3)
    clean = [
        Form(f"{h.street} {h.number}, {h.postcode} {town}", "clean", h)
        for h in r.choices(houses, k=5 * N_FORMS)
    ]
    messy = list(messy_forms(houses, town, N_FORMS, misspelt_share=0.3))
    impossible = list(impossible_forms(houses, town, N_FORMS, known=known))
    r.shuffle(messy)
    r.shuffle(impossible)
    geocoder.geocode_many([form.text for form in messy[:500]])
    print("| search | work | rows a second | right house | no house given |")
    print("|---|---|---|---|---|")
    work = {"clean": clean, "messy, 30 % misspelt": messy, "impossible": impossible}
    peers: dict[str, FindMany] = {
        "rapidfuzz over all": rapidfuzz_search(houses, town),
        "SQLite FTS5": fts5_search(houses, town),
    }
    for what, forms in work.items():
        searches = {"welcomemap": (welcomemap_search(geocoder), forms)} | {
            name: (find, forms[:N_PEER_FORMS]) for name, find in peers.items()
        }
        for name, (find, some) in searches.items():
            rate, right, refused = score(find, some)
            shown = "" if what == "impossible" else f"{right:.2%}"
            print(f"| {name} | {what} | {rate:,.0f} | {shown} | {refused:.2%} |")
    seconds, megabytes = measure_ready(f"{houses[0].street} {houses[0].number}")
    print(f"\nready, first answer given: {seconds:.2f} s of processor time")
    print(f"resident memory on top of the imports: {megabytes:.0f} MB")
    print(f"suggestion, 95th percentile: {time_suggestions(geocoder, houses):.2f} ms")
    print(
        f"peak of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB"
    )


if __name__ == "__main__":
    main()
