"""Test cases of several processes, importable by them."""

from __future__ import annotations

import os
import threading

import torch
import torch.distributed

from engine_runner.testing import MultiProcessTestCase


class Two(MultiProcessTestCase):
    """Each of its tests runs twice; they start afresh, as on every system."""

    start_method = "spawn"

    @property
    def world_size(self) -> int:
        return 2

    @property
    def timeout(self) -> int:
        return 60

    def setUp(self) -> None:
        super().setUp()
        self.prepare_subprocess()

    def all_meet(self) -> None:
        torch.distributed.init_process_group(
            "gloo",
            init_method=f"file://{self.file_name}",
            rank=self.rank,
            world_size=self.world_size,
        )
        ranks = torch.tensor([self.rank + 1])
        torch.distributed.all_reduce(ranks)
        torch.distributed.destroy_process_group()
        self.assertEqual(ranks.item(), 3)
        self.assertEqual(self.is_master, self.rank == 0)

    def second_fails(self) -> None:
        self.assertEqual(self.rank, 0, "the second one can't")

    def first_fails_while_others_wait(self) -> None:
        if self.rank > 0:
            threading.Event().wait()
        self.assertEqual(self.rank, 1, "the first one can't")

    def first_dies(self) -> None:
        if self.rank == 0:
            os._exit(5)

    def all_skip(self) -> None:
        self.skipTest("not today")


class Slow(Two):
    """Its processes never end."""

    @property
    def timeout(self) -> int:
        return 1

    def waits(self) -> None:
        threading.Event().wait()


class Forgotten(MultiProcessTestCase):
    """Starts no processes."""

    def nothing(self) -> None: ...


class Spawned(Two):
    """Starts its processes as tests of MMEngine's do."""

    start_method = "fork"

    def setUp(self) -> None:
        MultiProcessTestCase.setUp(self)
        self._spawn_processes()

    def are_two(self) -> None:
        self.assertIn(self.rank, (0, 1))
