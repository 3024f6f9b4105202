"""Read and write a table of 100,000 rows, beside pandas: ``python -m benchmarks.bench_sheets``."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pandas as pd
from benchmarks.measure import measure, show

from welcomemap.tabular import read_table, write_csv

ROWS = 100_000


def main() -> None:
    frame = pd.DataFrame(
        {
            "id": [str(i) for i in range(ROWS)],
            "Adresse": [f"Kölner Straße {i % 400}, 40227 Düsseldorf" for i in range(ROWS)],
            "Bezirk": [str(i % 10 + 1) for i in range(ROWS)],
        },
        dtype=str,
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.csv"
        frame.to_csv(path, index=False)
        peer = measure("pandas.read_csv", lambda: pd.read_csv(path, dtype=str, engine="python"))
        fast = measure("pandas.read_csv (C)", lambda: pd.read_csv(path, dtype=str))
        ours = measure("read_table", lambda: read_table(path))
        show([ours, peer, fast], peer=peer)
        other = Path(folder) / "out.csv"
        writer = measure("DataFrame.to_csv", lambda: frame.to_csv(other, index=False))
        show([measure("write_csv", lambda: write_csv(frame, other)), writer], peer=writer)


if __name__ == "__main__":
    main()
