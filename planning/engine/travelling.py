"""How far a seller travels: great-circle ways from accounts to the middle of their territory. Floats: nobody is paid by them.

A place is latitude and longitude in degrees, both NaN where it is not known; such an account is in no mean and costs no way.

Source: issue 5, balance (compactness and travel); haversine formula: Sinnott 1984.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planning.engine.balancing import NOBODY

EARTH_KM = 6_371.0


@dataclass(frozen=True)
class Travel:
    """The mean way of accounts to the middle of their territory, in kilometres; None where no place is known. `unknown` counts accounts."""

    mean_km: float | None
    unknown: int

    @property
    def whole_km(self) -> int | None:
        """Give the mean way in whole kilometres."""
        return None if self.mean_km is None else round(self.mean_km)


def ways(places: np.ndarray, middles: np.ndarray) -> np.ndarray:
    """The way in kilometres from each place (rows) to each middle (columns); NaN where one of them is not known.

    >>> ways(np.array([[34.05, -118.24]]), np.array([[40.71, -74.01]])).round().tolist()
    [[3935.0]]
    """
    lat, lon = (np.radians(places[:, each])[:, None] for each in (0, 1))
    lat_to, lon_to = (np.radians(middles[:, each])[None, :] for each in (0, 1))
    part = np.sin((lat_to - lat) / 2) ** 2 + np.cos(lat) * np.cos(lat_to) * np.sin((lon_to - lon) / 2) ** 2
    return 2 * EARTH_KM * np.arcsin(np.sqrt(np.clip(part, 0, 1)))


def middles(places: np.ndarray, chosen: np.ndarray, count: int) -> np.ndarray:
    """The middle of each patch's known places, as the mean direction from the centre of the earth; NaN where none is known.

    >>> middles(np.array([[0.0, 170.0], [0.0, -170.0]]), np.array([0, 0]), 2).round(6).tolist()
    [[0.0, 180.0], [nan, nan]]
    """
    known = (chosen != NOBODY) & ~np.isnan(places).any(axis=1)
    lat, lon = np.radians(places[known, 0]), np.radians(places[known, 1])
    directions = (np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat))
    x, y, z = (np.bincount(chosen[known], each, count) for each in directions)
    found = np.degrees(np.column_stack([np.arctan2(z, np.hypot(x, y)), np.arctan2(y, x)]))
    found[np.bincount(chosen[known], minlength=count) == 0] = np.nan
    return found


def travel(places: np.ndarray, chosen: np.ndarray, count: int) -> Travel:
    """How far accounts lie from the middle of the patch that has them."""
    known = (chosen != NOBODY) & ~np.isnan(places).any(axis=1)
    unknown = int(np.isnan(places).any(axis=1).sum())
    if not known.any():
        return Travel(None, unknown)
    far = ways(places[known], middles(places, chosen, count))
    return Travel(float(far[np.arange(int(known.sum())), chosen[known]].mean()), unknown)


def costs(places: np.ndarray, today: np.ndarray, count: int) -> np.ndarray:
    """What the way to the middle of each patch of today costs each account: 1 is the mean way. What is not known costs the same in all."""
    far = ways(places, middles(places, today, count))
    mean = float(np.nanmean(far)) if (~np.isnan(far)).any() else 0.0
    if mean <= 0:
        return np.zeros_like(far)
    rows = np.isnan(far).all(axis=1)
    own = np.zeros(len(far))
    own[~rows] = np.nanmean(far[~rows], axis=1)
    return np.where(np.isnan(far), own[:, None], far) / mean
