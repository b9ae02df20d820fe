"""Run the benchmarks: ``python -m tests.bench [--json FILE] [NAME…]``."""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
import sys
from dataclasses import asdict
from pathlib import Path

from tests.bench.measure import Row, table

#: Modules here that are not benchmarks.
_SHARED = {"__main__", "measure", "roots"}


def main() -> int:
    """Run what is asked for; 1 when a benchmark could not run."""
    here = [module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)])]
    known = sorted(name for name in here
                   if name not in _SHARED and hasattr(_module(name), "main"))
    parser = argparse.ArgumentParser(description="Compare with peers in one run.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(known)}")
    parser.add_argument("--json", metavar="FILE", help="also write the figures there")
    options = parser.parse_args()
    unknown = sorted({*options.names} - {*known})
    if unknown:
        parser.error(f"no benchmark {', '.join(unknown)}: there are {', '.join(known)}")
    found: dict[str, list[Row]] = {}
    failed = False
    for name in options.names or known:
        print(f"{name}: {(_module(name).__doc__ or '').splitlines()[0]}", flush=True)
        try:
            found[name] = _module(name).main()
        except (OSError, RuntimeError) as error:
            print(f"  could not run: {error}", file=sys.stderr)
            failed = True
            continue
        for line in table(found[name]):
            print(f"  {line}", flush=True)
    if options.json:
        rows = {name: [{**asdict(row), "ratio": row.ratio} for row in rows]
                for name, rows in found.items()}
        Path(options.json).write_text(json.dumps(rows, indent=2) + "\n")
    return 1 if failed else 0


def _module(name: str) -> object:
    return importlib.import_module(f"tests.bench.{name}")


sys.exit(main())
