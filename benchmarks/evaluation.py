"""Evaluation and small things: above plain Python and torch, and beside MMEngine.

A validation is measured as a training in iteration.py: the slope between a short and a long pass,
above a loop by hand that does the same with torchmetrics.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from pathlib import Path

from measure import Case, Side, compare, print_table
from peer import mmengine_python

HERE = Path(__file__).parent / "trainers"
# torchmetrics imports torchvision, whose operators a torch without CUDA doesn't name
OPERATORS = Path(__file__).parent.parent / "tests/examples/cpu_torchvision"
SHORT, LONG = 300, 2300

VALIDATE = """
from torchmetrics.classification import MulticlassAccuracy
from engine_runner import BaseModel as _BaseModel

class Scores(_BaseModel):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(2, 4)
    def forward(self, x, y, mode="predict"):
        return [{"pred": self.linear(x), "target": y}]

class Labelled(Pairs):
    def __init__(self, size):
        self.size, self.pair = size, (torch.ones(8, 2), torch.ones(8, dtype=torch.int64))

def labelled(size):
    return DataLoader(Labelled(size), batch_size=1, collate_fn=first)

class Pair:
    # what an evaluator needs of a metric: torchmetrics' own three methods take the tensors
    def __init__(self):
        self.metric = MulticlassAccuracy(4)
    def process(self, data_batch, data_samples):
        for each in data_samples:
            self.metric.update(each["pred"], each["target"])
    def evaluate(self, size):
        return {"accuracy": self.metric.compute().item()}

@torch.no_grad()
def plain_val(size):
    net, metric = nn.Linear(2, 4), MulticlassAccuracy(4)
    net.eval()
    for x, y in labelled(size):
        metric.update(net(x), y)
    return metric.compute()

def val(size, hooks):
    os.environ["ENGINE_PROGRESS"] = "0"
    Runner(
        Scores(), folder(), val_dataloader=labelled(size), val_cfg={}, val_evaluator=Pair(),
        default_hooks=None if hooks else dict.fromkeys(DEFAULT_HOOKS),
    ).val()
"""

METRIC = """
import torch
from {evaluator} import BaseMetric, Evaluator
from {structures} import BaseDataElement
class Hits(BaseMetric):
    def process(self, data_batch, data_samples):
        for each in data_samples:
            self.results.append(each["pred"] == each["target"])
    def compute_metrics(self, results):
        return {{"accuracy": sum(results) / len(results)}}
evaluator = Evaluator(Hits())
samples = [BaseDataElement(pred=i % 10, target=i % 7) for i in range(64)]
plain = [dict(pred=i % 10, target=i % 7) for i in range(64)]
"""
WHOLE = "for _ in range(16): evaluator.process(plain)\nevaluator.evaluate(1024)"
BY_HAND = """
plain = [dict(pred=i % 10, target=i % 7) for i in range(64)]
def whole():
    results = []
    for _ in range(16):
        for each in plain:
            results.append(each["pred"] == each["target"])
    return sum(results) / len(results)
"""
FIELDS = """
import torch
from engine_structures import InstanceData
fields = dict(boxes=torch.rand(100, 4), scores=torch.rand(100), labels=torch.arange(100),
    masks=torch.zeros(100, 8, 8))
data = InstanceData(**fields)
mask = torch.arange(100) % 2 == 0
"""
REGISTRY = """
from engine_registry import Registry
class Thing:
    def __init__(self, a=1, b=2):
        self.a = a
ROOT = Registry("thing", scope="root")
ROOT.register_module(module=Thing)
cfg = dict(type="Thing", a=3)
table = {"Thing": Thing}
def build(cfg):
    rest = dict(cfg)
    return table[rest.pop("type")](**rest)
"""
DATA = """
import pickle
from engine_dataset import BaseDataset
class Listed(BaseDataset):
    def load_data_list(self):
        return [{"img_path": f"train/{i:08d}.jpg", "gt_label": i % 1000, "height": 480}
            for i in range(1000)]
dataset = Listed(data_prefix={})
packed = [pickle.dumps(dataset.get_data_info(i)) for i in range(1000)]
"""
CONFIG = """
import tempfile
from pathlib import Path
from engine_config import Config
cfg = {"model": {f"stage{i}": {"type": "Stage", "depth": i, "channels": [i, 2 * i, 4 * i],
    "norm": {"type": "BN", "eps": 1e-5}} for i in range(40)}, "lr": 0.1}
folder = tempfile.mkdtemp()
import yaml
path = Path(folder, "a.yaml")
path.write_text(yaml.safe_dump(cfg))
python = Path(folder, "a.py")
python.write_text("\\n".join(f"{key} = {value!r}" for key, value in cfg.items()))
loaded = Config.fromfile(python)
"""


def validation(repeats: int) -> None:
    """Print what a validation costs a batch."""
    setup = "\n".join((HERE / f"{n}.py").read_text(encoding="utf-8") for n in ("plain", "engine"))
    setup += VALIDATE
    rows = [("us of CPU a batch", "by hand", "added", "min", "max")]
    with Side(sys.executable, {"PYTHONPATH": str(OPERATORS)}, quiet=True) as side:

        def slope(call: str) -> float:
            short, long = (side.time(setup, call.format(n=n), 1) for n in (SHORT, LONG))
            return (long - short) / (LONG - SHORT) * 1e6

        for name, call in (
            ("Engine, default hooks", "val({n}, True)"),
            ("Engine, hooks off", "val({n}, False)"),
        ):
            pairs = [(slope("plain_val({n})"), slope(call)) for _ in range(repeats + 1)][1:]
            added = [whole - plain for plain, whole in pairs]
            plain = statistics.median(each for each, _ in pairs)
            figures = (plain, statistics.median(added), min(added), max(added))
            rows.append((name, *(f"{figure:.1f}" for figure in figures)))
    print_table("A validation, above a loop by hand with torchmetrics", rows)


def cases_by_hand() -> list[Case]:
    """Each beside the plain Python that does the same."""
    omega = CONFIG + "from omegaconf import OmegaConf\n"
    mine = METRIC.format(evaluator="engine_evaluator", structures="engine_structures")
    return [
        Case(name="Evaluator, 16 batches of 64", ours=(mine, WHOLE), theirs=(BY_HAND, "whole()")),
        Case(
            name="InstanceData[mask]",
            ours=(FIELDS, "data[mask]"),
            theirs=(FIELDS, "{key: value[mask] for key, value in fields.items()}"),
        ),
        Case(
            name="InstanceData[7:8]",
            ours=(FIELDS, "data[7:8]"),
            theirs=(FIELDS, "{key: value[7:8] for key, value in fields.items()}"),
        ),
        Case(
            name="Registry.build",
            ours=(REGISTRY, "ROOT.build(cfg)"),
            theirs=(REGISTRY, "build(cfg)"),
        ),
        Case(
            name="BaseDataset[i] / pickle.loads of it",
            ours=(DATA, "dataset[7]"),
            theirs=(DATA, "pickle.loads(packed[7])"),
        ),
        Case(
            name="Config.fromfile, YAML / OmegaConf.load",
            ours=(CONFIG, "Config.fromfile(path)"),
            theirs=(omega, "OmegaConf.load(path)"),
        ),
        Case(
            name="Config.fromfile, Python / exec of it",
            ours=(CONFIG, "Config.fromfile(python)"),
            theirs=(CONFIG, "exec(compile(python.read_text(), 'a', 'exec'), {})"),
        ),
        Case(
            name="cfg.model.stage3.depth / OmegaConf",
            ours=(CONFIG, "loaded.model.stage3.depth"),
            theirs=(omega + "omega = OmegaConf.load(path)\n", "omega.model.stage3.depth"),
        ),
    ]


def main() -> None:
    """Print the three tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=7)
    args = parser.parse_args()
    compare("Beside plain Python", cases_by_hand(), peer=sys.executable, repeats=args.repeats)
    mine = METRIC.format(evaluator="engine_evaluator", structures="engine_structures")
    theirs = METRIC.format(evaluator="mmengine.evaluator", structures="mmengine.structures")
    cases = [
        Case(name="process of 64 data elements", ours=(mine, each), theirs=(theirs, each))
        for each in ("evaluator.process(samples); evaluator.metrics[0].results.clear()",)
    ]
    cases.append(
        Case(name="16 batches of 64 and evaluate", ours=(mine, WHOLE), theirs=(theirs, WHOLE))
    )
    compare("Beside MMEngine", cases, peer=mmengine_python(), repeats=args.repeats)
    validation(args.repeats)


if __name__ == "__main__":
    main()
