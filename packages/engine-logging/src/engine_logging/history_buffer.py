"""The history of one scalar, and statistics over its latest values."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from itertools import islice
from typing import Any, ClassVar, Final

import numpy as np

from engine_logging import history_numbers as numbers
from engine_logging.scalar import NUMBERS, Counted, fetched, is_fresh, to_loggable, to_number

MAX_NEW = 1024  # looked at at the latest: a tensor keeps its device's memory until then
NUM_KEPT = 1000  # values that a state holds: a checkpoint doesn't grow with the training
_ONE: Final = 1  # the usual count, known by its identity


class HistoryBuffer:
    """Logged values, each with the number of things that it sums up.

    `update` takes the same time however long the history is. A tensor, on whatever device, is not
    looked at until something is read.

    Args:
        log_history: values so far.
        count_history: their counts, as many.
        max_length: how many values are remembered; older ones are forgotten.

    Attributes:
        pending: what was not looked at yet. Who logs often may append floats and ints themselves,
            and call `settle` from `MAX_NEW` on.

    Raises:
        ValueError: the two histories are of different lengths.
    """

    _statistics_methods: ClassVar[dict[str, Callable[..., Any]]] = {}

    def __init__(
        self,
        log_history: Sequence[Any] = (),
        count_history: Sequence[Any] = (),
        max_length: int = 1000000,
    ) -> None:
        if len(log_history) != len(count_history):
            raise ValueError(
                "log_history and count_history must be of one length, got "
                f"{len(log_history)} and {len(count_history)}"
            )
        self.max_length = max_length
        self._values: deque[int | float] = deque(maxlen=max_length)
        self._counts: deque[int | float] = deque(maxlen=max_length)
        self.pending: list[Any] = []
        self._arrays: tuple[np.ndarray, np.ndarray] | None = None
        self._num_left_out = 0  # of a state: known by the totals alone
        # Totals of every value there ever was, also of those forgotten or left out of a state.
        self._num = 0
        self._sum: int | float = 0
        self._count_sum: int | float = 0
        self._lowest: int | float = math.inf
        self._highest: int | float = -math.inf
        values, counts = numbers.listed(log_history), numbers.listed(count_history)
        self._take([to_number(each) for each in values], [to_number(each) for each in counts])
        # What begins with nothing holds floats, as numpy's empty array.
        self._dtype = None if values else np.float64

    @classmethod
    def beginning_with(cls, log_val: Any, count: int) -> HistoryBuffer:
        """Return a buffer of one value, whose numbers stay of the kind they are."""
        made = cls()
        made._dtype = None
        made.update(log_val, count)
        return made

    def update(self, log_val: Any, count: int = 1) -> None:
        """Add a value: a number, or an array or tensor of one element.

        Args:
            log_val: the value, a sum over ``count`` things.
            count: how many things; `mean` divides by it.

        Raises:
            TypeError: ``log_val`` or ``count`` is no number.
            ValueError: ``log_val`` has more than one element.
        """
        if type(log_val) not in NUMBERS and not is_fresh(log_val):
            log_val = to_loggable(log_val)
        if count is not _ONE:
            if not isinstance(count, int | float):
                raise TypeError(f"count must be a number, got {count!r}")
            log_val = Counted(log_val, count)
        self.pending.append(log_val)  # at once: several threads may log
        if len(self.pending) >= MAX_NEW:
            self.settle()

    def settle(self) -> None:
        """Look at what is pending, waiting for devices."""
        new = self.pending[:]
        if new:
            del self.pending[: len(new)]  # not more: another thread may have added to them
            self._take(*fetched(new))

    def _take(self, values: list[int | float], counts: list[int | float]) -> None:
        """Put values into the history and the totals."""
        if not values:
            return
        self._values += values
        self._counts += counts
        self._num += len(values)
        self._sum += sum(values)
        self._count_sum += sum(counts)
        if self._sum != self._sum and any(each != each for each in values):
            self._lowest = self._highest = math.nan
        elif self._lowest == self._lowest:  # not nan for ever
            self._lowest = min(self._lowest, *values)
            self._highest = max(self._highest, *values)
        self._arrays = None

    @property
    def data(self) -> tuple[np.ndarray, np.ndarray]:
        """The remembered values and their counts, oldest first."""
        self.settle()
        if self._arrays is None:
            values, counts = self._values, self._counts
            kinds = self._kind_of(self._sum), self._kind_of(self._count_sum)
            self._arrays = np.array(values, kinds[0]), np.array(counts, kinds[1])
        return self._arrays

    def since(self, num: int) -> tuple[int, list[int | float], list[int | float]]:
        """The values after the first ``num`` that there ever were, as far as they are remembered.

        Returns:
            The number of the first of them among all, from 0; the values; their counts. If there
            were fewer than ``num`` values, as after a resume from an earlier state, it is the
            number that there were, with nothing.
        """
        self.settle()
        wanted = min(max(self._num - num, 0), len(self._values))
        values = [*self._latest(self._values, wanted)][::-1]
        return self._num - wanted, values, [*self._latest(self._counts, wanted)][::-1]

    @property
    def _log_history(self) -> np.ndarray:
        """The remembered values; statistics of users read them by this name."""
        return self.data[0]

    @property
    def _count_history(self) -> np.ndarray:
        """The counts, likewise."""
        return self.data[1]

    @classmethod
    def register_statistics(cls, method: Callable[..., Any]) -> Callable[..., Any]:
        """Make ``method(buffer, ...)`` a statistic, under its own name; a decorator.

        Raises:
            ValueError: there is a statistic of that name.
        """
        name = method.__name__
        if name in cls._statistics_methods:
            raise ValueError(
                f"there is a statistic {name!r} already: {cls._statistics_methods[name]}"
            )
        cls._statistics_methods[name] = method
        return method

    def statistics(self, method_name: str, *arg: Any, **kwargs: Any) -> Any:
        """Return the statistic called ``method_name``, handing on the other arguments.

        Raises:
            KeyError: there is none; the message offers close names.
        """
        method = self._statistics_methods.get(method_name)
        if method is None:
            near = get_close_matches(str(method_name), self._statistics_methods, cutoff=0.5)
            raise KeyError(
                f"no statistic is called {method_name!r}; "
                f"{'close' if near else 'known'}: {', '.join(near or self._statistics_methods)}"
            )
        return method(self, *arg, **kwargs)

    def mean(self, window_size: int | None = None) -> np.float64:
        """Mean of the latest ``window_size`` values, or of all: their sum by that of their counts.

        It is nan if there are none.
        """
        latest = numbers.floats_of(self.pending, window_size)
        if latest:
            return np.float64(sum(latest) / len(latest))
        if self._is_everything(window_size):
            return numbers.ratio(self._sum, self._count_sum)
        values = sum(islice(reversed(self._values), window_size))
        return numbers.ratio(values, sum(islice(reversed(self._counts), window_size)))

    def max(self, window_size: int | None = None) -> Any:
        """The highest of the latest ``window_size`` values, or of all.

        Raises:
            ValueError: there are none.
        """
        return self._extreme(max, "_highest", window_size)

    def min(self, window_size: int | None = None) -> Any:
        """The lowest of the latest ``window_size`` values, or of all.

        Raises:
            ValueError: there are none.
        """
        return self._extreme(min, "_lowest", window_size)

    def current(self) -> Any:
        """The latest value.

        Raises:
            ValueError: there is none.
        """
        if self.pending and type(self.pending[-1]) is float:
            return np.float64(self.pending[-1])
        self.settle()
        latest = [*self._latest(self._values, 1)]
        return numbers.extreme(max, latest, self._kind_of(self._sum))

    def global_mean(self) -> np.float64:
        """Mean of all values there ever were, also of those beyond ``max_length``."""
        self.settle()
        return numbers.ratio(self._sum, self._count_sum)

    def _extreme(self, choose: Callable[[Any], Any], whole: str, window_size: int | None) -> Any:
        """What ``choose`` takes from a window; nan if one of its values is nan."""
        everything = self._is_everything(window_size) and bool(self._values)
        values = [getattr(self, whole)] if everything else self._latest(self._values, window_size)
        return numbers.extreme(choose, [*values], self._kind_of(self._sum))

    def _kind_of(self, total: float) -> type[np.float64] | None:
        """What an array of numbers with this total holds: one float among them makes all floats."""
        return np.float64 if type(total) is float else self._dtype

    def _is_everything(self, window_size: int | None) -> bool:
        """Whether a window holds all values there ever were, none of them forgotten.

        Raises:
            TypeError: ``window_size`` is no int.
            ValueError: it is not positive.
        """
        if type(window_size) is not int or window_size < 1:
            numbers.check_window(window_size)
        self.settle()
        known = len(self._values) + self._num_left_out
        return known == self._num and (window_size is None or window_size >= known)

    def _latest(self, history: deque[Any], window_size: int | None) -> Iterator[Any]:
        """The latest values, newest first."""
        return islice(reversed(history), window_size)

    def state_dict(self) -> dict[str, Any]:
        """What a resume needs: the latest 1,000 values, and totals of all. Plain Python data."""
        self.settle()
        return {
            "max_length": self.max_length,
            "log_history": [*self._latest(self._values, NUM_KEPT)][::-1],
            "count_history": [*self._latest(self._counts, NUM_KEPT)][::-1],
            "num_left_out": self._num_left_out + max(0, len(self._values) - NUM_KEPT),
            "num": self._num,
            "sum": self._sum,
            "count_sum": self._count_sum,
            "lowest": self._lowest,
            "highest": self._highest,
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> HistoryBuffer:
        """Make a buffer from what `state_dict` returned.

        Raises:
            ValueError: it holds what is no history.
        """
        lists, totals = numbers.checked_state(state)
        buffer = cls(*lists, state["max_length"])
        for name, each in totals.items():
            setattr(buffer, f"_{name}", each)
        return buffer

    def __getstate__(self) -> dict[str, Any]:
        self.settle()
        return {**self.__dict__, "_arrays": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        if "_log_history" in state:  # pickled by MMEngine, as two arrays
            log, counts = state["_log_history"], state["_count_history"]
            self.__dict__.update(HistoryBuffer(log, counts, state["max_length"]).__dict__)
        else:
            self.__dict__.update({"pending": [], **state})


for _method in ("mean", "max", "min", "current", "global_mean"):
    HistoryBuffer.register_statistics(getattr(HistoryBuffer, _method))
