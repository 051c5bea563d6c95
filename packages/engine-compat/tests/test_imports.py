"""What a training imports through `mmengine` brings nothing that it doesn't use."""

from __future__ import annotations

import subprocess
import sys

MODULES = ["config", "dataset", "evaluator", "hooks", "model", "optim", "runner"]
# each takes a tenth of a second or more
NOT_YET = [
    *("boto3", "click", "matplotlib", "pkg_resources", "rich", "tensorboard", "torchvision"),
    *("torch.distributed.fsdp", "torch.distributed.optim", "torch.distributed.tensor", "sympy"),
    *("torch._dynamo", "torch._inductor", "torch.utils.tensorboard"),
]


def test_the_modules_of_a_training_import_only_what_it_always_uses() -> None:
    imports = "".join(f"import mmengine.{name}\n" for name in MODULES)
    program = f"{imports}import sys\nprint([each for each in {NOT_YET} if each in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_what_is_long_to_import_is_there_when_it_is_asked_for() -> None:
    from mmengine import optim
    from mmengine.optim import optimizer

    assert optim.ZeroRedundancyOptimizer is optimizer.ZeroRedundancyOptimizer
