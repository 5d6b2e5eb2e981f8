"""What can be imported and how a file is mapped to it: the door to the catalogue of kinds and to the guesses."""

from __future__ import annotations

from spm.crm.feeds.catalogue import IMPORT_ORDER, KINDS
from spm.crm.feeds.fields import Field, Kind
from spm.crm.feeds.guessing import guess_kind, guess_mapping, rank_kinds
from spm.crm.feeds.values import ValueType

__all__ = ["IMPORT_ORDER", "KINDS", "Field", "Kind", "ValueType", "guess_kind", "guess_mapping", "rank_kinds"]
