"""make bench: how fast the product is, beside what the machine can do. Prints every figure with its aim, also when it is missed."""

import argparse
from pathlib import Path

import django

from bench import balance, company, components, end_to_end, engine, likelihood, series, whatif
from bench.report import Report
from spm.embedded.urls import Urls
from spm.jobs.memory import memory_keep

SIZES = (10_000, 100_000, 1_000_000)
SECTIONS = (
    "engine",
    "components",
    "whatif",
    "series",
    "likelihood",
    "end",
    "change",
    "night",
    "expense",
    "settlement",
    "closing",
    "orm",
    "balance",
    "rules",
)
DATABASE = frozenset({"end", "change", "night", "expense", "settlement", "closing", "orm"})


def main() -> None:
    """Measure the sections asked for at every size; `--json FILE` keeps the figures."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=SECTIONS)
    options = parser.parse_args()
    memory_keep()  # as a worker does; the floors gain as well
    report = Report()
    try:
        _measured(report, options.sizes, set(options.only))
    finally:
        if options.json:
            report.write(options.json)


def _measured(report: Report, sizes: list[int], sections: set[str]) -> None:
    for size in sizes:
        if "engine" in sections:
            engine.measure(report, size)
        if "components" in sections:
            components.measure(report, size)
        if "whatif" in sections:
            whatif.measure(report, size)
    for name, section in {"series": series, "likelihood": likelihood, "balance": balance}.items():
        if name in sections:
            section.measure(report)
    if sections & (DATABASE | {"rules"}):
        _in_database(report, sizes, sections)


def _in_database(report: Report, sizes: list[int], sections: set[str]) -> None:
    with company.servers() as urls:
        django.setup()
        from spm.celery import worker_settle

        worker_settle()  # what is measured is a worker's work
        if "rules" in sections:
            rules_measured(report, urls)
        if sections & DATABASE:
            end_to_end.measure_all(report, urls, sizes, sections)


def rules_measured(report: Report, urls: Urls) -> None:
    """Measure territory rules in a company of their own."""
    from bench import rules

    company.company(urls, 10_000)
    rules.measure(report)


if __name__ == "__main__":
    main()
