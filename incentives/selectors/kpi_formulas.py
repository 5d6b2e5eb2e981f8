"""The formula language for figures of performance: the one door for insights."""

from incentives.engine.kpi_formulas import Figured, Operand, analyse_figure, compute_figure
from incentives.engine.language import Analysis, Formula, Kind

__all__ = ["Analysis", "Figured", "Formula", "Kind", "Operand", "analyse_figure", "compute_figure"]
