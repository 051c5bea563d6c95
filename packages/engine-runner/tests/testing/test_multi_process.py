"""Tests that run in several processes."""

from __future__ import annotations

import unittest

import process_cases
import pytest

from engine_runner.testing import MultiProcessTestCase


def result_of(case: unittest.TestCase) -> unittest.TestResult:
    """What a test runner is told."""
    result = unittest.TestResult()
    case.run(result)
    return result


def test_there_are_two_unless_a_case_says_otherwise() -> None:
    assert MultiProcessTestCase().world_size == 2


def test_processes_meet() -> None:
    assert result_of(process_cases.Two("all_meet")).wasSuccessful()


@pytest.mark.parametrize(
    ("test", "message"),
    [
        ("second_fails", r"rank 1 failed with exit code 10:\n.*the second one can't"),
        ("first_fails_while_others_wait", r"rank 0 failed.*the first one can't"),
        ("first_dies", r"rank 0 failed with exit code 5:\nit ended before it could say why"),
    ],
)
def test_the_failure_of_one_is_that_of_the_test(test: str, message: str) -> None:
    case = process_cases.Two(test)
    result = result_of(case)
    assert [failed for failed, _ in result.failures] == [case]
    with pytest.raises(AssertionError, match=f"(?s){message}"):
        raise AssertionError(result.failures[0][1])
    assert case.processes == []


def test_processes_that_dont_end_are_ended() -> None:
    case = process_cases.Slow("waits")
    result = result_of(case)
    assert "did not end within 1 s" in result.failures[0][1]


def test_a_skip_is_one() -> None:
    result = result_of(process_cases.Two("all_skip"))
    assert [why for _, why in result.skipped] == ["not today"]
    assert not result.failures


def test_forgotten_processes_are_told() -> None:
    result = result_of(process_cases.Forgotten("nothing"))
    assert "call self.prepare_subprocess() in setUp" in result.errors[0][1]


def test_processes_are_spawned_under_mmengines_private_name() -> None:
    assert result_of(process_cases.Spawned("are_two")).wasSuccessful()
