"""The oracle's limits of a year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from tests.incentives.engine.oracle_sums import Back, Key, Sums


@dataclass
class Years(Sums):
    """The oracle's limits of a year."""

    def _years(self) -> dict[str, str]:
        return {each["period_key"]: each["year_key"] for each in self.world.facts["periods"]}

    def _known_in_year(self, amounts: dict[Key, int], later: Sequence[tuple[Key, str]] = ()) -> dict[Key, int]:
        """Under a limit of a year nothing is known after a period of it that was not calculated, nor what comes back of such a year."""
        years, broken = self._years(), set[tuple[str, str]]()
        while True:
            lost, found = set[tuple[str, str]](), {}
            for group in self.groups:
                year = (group[0], years[group[1]])
                sold = {(group[0], years[period]) for at, period in later if at == group} - {year}
                if group not in amounts or sold & (lost | broken):
                    lost.add(year)
                elif year not in lost:
                    found[group] = amounts[group]
            if lost <= broken:  # else a return that came in the year before its sale's may be unknown with that
                return found
            broken |= lost

    def _of_year(
        self, amounts: dict[Key, int], cap: Fraction | None, floor: Fraction | None, back: list[Back]
    ) -> tuple[dict[Key, int], list[Back]]:
        """What each period changes of what the year comes to: all that is sold in it, less all that came back of it until then, within cap
        and, once the person's last period of it is reached, floor. And what came back, as it then counts."""
        if cap is None and floor is None:
            return amounts, back
        years = self._years()
        later = [each for each in back if years[each[3]] != years[each[0][1]]]
        kept = [each for each in back if each not in later]
        found: dict[Key, int] = dict.fromkeys(amounts, 0)
        for person, year in {(person, years[period]) for person, period in self.groups}:
            mine = [each for each in later if each[0][0] == person and years[each[3]] == year]
            here = [group for group in self.groups if group[0] == person and years[group[1]] == year]
            entries: list[tuple[int, Key, int, Back | None]] = []
            for group in here:
                came_later = sum(each[1] for each in later if each[0] == group)
                entries.append((self.groups.index(group), group, amounts.get(group, 0) - came_later, None))
            for each in mine:  # one of an earlier year than its sale comes with the end of that of the sale
                place = max(self.groups.index(each[0]), self.groups.index(here[-1]))
                entries.append((place, each[0], each[1], each))
            entries.sort(key=lambda entry: entry[0])
            last = [self.groups.index(group) for group in here if group not in self.only_back]
            changes = self._levels(entries, last[-1] if last else None, cap, floor)
            for (_, group, _, came), change in zip(entries, changes, strict=True):
                if group in amounts:
                    found[group] += change
                    kept += [] if came is None else [(group, change, *came[2:])]
        return found, kept

    def _levels(
        self,
        entries: list[tuple[int, Key, int, Back | None]],
        last: int | None,
        cap: Fraction | None,
        floor: Fraction | None,
    ) -> list[int]:
        """What each entry changes of the sum to date within the limits; the floor holds from the last group that is paid on."""
        changes, total, level = [], 0, 0
        for place, _, amount, _ in entries:
            total += amount
            now = total if cap is None else min(total, int(cap))
            if floor is not None and last is not None and place >= last:
                now = max(now, int(floor))
            changes.append(now - level)
            level = now
        return changes
