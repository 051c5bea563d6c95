"""engine-structures against mmengine.structures: indexing, attributes, moves, import."""

from __future__ import annotations

import argparse
import sys

from measure import Case, compare, import_cpu, print_table, seconds
from peer import mmengine_python

SETUP = """
import torch, warnings
from {module} import BaseDataElement, InstanceData
data = InstanceData(metainfo=dict(size=(480, 640), name="a.jpg"), boxes=torch.rand(100, 4),
    scores=torch.rand(100), labels=torch.arange(100), masks=torch.zeros(100, 8, 8))
mask = torch.arange(100) % 2 == 0
index = torch.arange(0, 100, 2)
parts = [data[:10]] * 8
sample = BaseDataElement(gt=data, metainfo=dict(size=(480, 640)))
"""
STATEMENTS = {
    "index by a bool mask": ("data[mask]", 2.0),
    "index by an int": ("data[7]", 2.0),
    "index by a tensor of 50": ("data[index]", 2.0),
    "index by a slice": ("data[10:60]", 2.0),
    "cat of 8": ("InstanceData.cat(parts)", None),
    "read an attribute": ("data.boxes", 1.0),
    "set a field": ("data.scores = data.scores", None),
    "make one of four fields": (
        "InstanceData(boxes=data.boxes, scores=data.scores, labels=data.labels, masks=data.masks)",
        None,
    ),
    "to('cpu')": ("sample.to('cpu')", None),
    "clone": ("sample.clone()", None),
}


def main() -> None:
    """Print both tables."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    ours, theirs = (SETUP.format(module=m) for m in ("engine_structures", "mmengine.structures"))
    cases = [
        Case(name=name, ours=(ours, statement), theirs=(theirs, statement), target=target)
        for name, (statement, target) in STATEMENTS.items()
    ]
    peer = mmengine_python()
    compare("four fields, 100 instances", cases, peer=peer)
    rows = [("import over torch's own", "CPU", "target")]
    baseline = "import torch, numpy"
    cost = import_cpu(sys.executable, "import engine_structures", baseline)
    rows.append(("engine_structures", seconds(cost), "<= 40 ms"))
    cost = import_cpu(peer, "import mmengine.structures", baseline)
    rows.append(("mmengine.structures", seconds(cost), ""))
    print_table("imports", rows)


if __name__ == "__main__":
    main()
