"""make bench: how fast the product is, beside what the machine can do. Prints every figure with its aim, also when it is missed."""

import argparse
from pathlib import Path

import django

from bench import company, end_to_end, engine
from bench.report import Report

SIZES = (10_000, 100_000, 1_000_000)
SECTIONS = ("engine", "end")


def main() -> None:
    """Measure the sections asked for at every size; `--json FILE` keeps the figures."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=SECTIONS)
    options = parser.parse_args()
    report = Report()
    if "engine" in options.only:
        for size in options.sizes:
            engine.measure(report, size)
    if set(options.only) - {"engine"}:
        with company.servers() as urls:
            django.setup()
            if "end" in options.only:
                for size in options.sizes:
                    end_to_end.measure(report, urls, size)
    if options.json:
        report.write(options.json)


if __name__ == "__main__":
    main()
