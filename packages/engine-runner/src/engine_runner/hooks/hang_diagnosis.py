"""Hang diagnosis: which rank it was that the others have waited for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Report", "diagnose"]


@dataclass(frozen=True, kw_only=True)
class Report:
    """Where a rank of a training that stands still is.

    Attributes:
        beats: how often it has shown that it goes on.
        num_collectives: how many it has begun.
        still_s: how long it has stood still.
        stage: what it does.
        iteration: batches that it was trained on.
        collective: the last one.
        is_waiting: whether it is in that one.
    """

    beats: int
    num_collectives: int
    still_s: float
    stage: str
    iteration: int
    collective: str
    is_waiting: bool

    def __str__(self) -> str:
        return (
            f"{self.stage}, iteration {self.iteration}, has stood still for {self.still_s:.1f} s "
            f"after {self.beats} beats; last collective: {self.collective}"
        )


def diagnose(reports: Mapping[int, Report], left: Mapping[int, str], world_size: int) -> str:
    """Return which rank the others wait for, as text.

    One that has left by an exception, or else one that doesn't answer, or else the one that came
    least far: of those that don't wait in a collective, if there are any, it has the fewest beats,
    the fewest collectives, and the oldest beat.

    Args:
        reports: of the ranks that answer; of one at least.
        left: of those that have left, the names of their exceptions.
        world_size: how many ranks there are.
    """
    silent = [rank for rank in range(world_size) if rank not in reports and rank not in left]
    if left:
        rank = min(left)
        return f"rank {rank} has left the training with {left[rank]}, and others wait for it"
    if silent:
        return f"rank {silent[0]} hangs: it doesn't answer, so it is gone or Python can't run there"
    rank = min(reports, key=lambda rank: _distance(reports[rank]))
    return f"rank {rank} hangs: {reports[rank]}"


def _distance(report: Report) -> tuple[bool, int, int, float]:
    """How far a rank came."""
    return report.is_waiting, report.beats, report.num_collectives, -report.still_s
