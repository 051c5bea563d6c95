"""Generated programs give the same on MMEngine and here, or differ as `accepted.toml` says."""

from __future__ import annotations

import pytest
from accepted import DOCUMENT, Accepted, accepted, documented
from areas import AREAS
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from search import unexpected
from sides import Pair


def test_programs_give_the_same(area: str, pair: Pair, pytestconfig: pytest.Config) -> None:
    count = max(1, round(AREAS[area].examples * pytestconfig.getoption("--examples")))
    start = pytestconfig.getoption("--seed")

    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        derandomize=start == 0,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )
    @given(AREAS[area].programs)
    def check(program: str) -> None:
        found = unexpected(pair, program, area)
        if found is not None:
            pytest.fail(str(found), pytrace=False)

    (seed(start)(check) if start > 0 else check)()


@pytest.mark.parametrize("kind", accepted(), ids=lambda kind: f"{kind.area}: {kind.says[:50]}")
def test_what_is_accepted_differs_still(kind: Accepted, pair: Pair) -> None:
    found = list(pair.differences(kind.example, fork=AREAS[kind.area].forks))
    assert any(kind.covers(each) for each in found), list(map(str, found))


def test_the_documentation_has_the_list() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == documented(), "python tests/oracle --table"
