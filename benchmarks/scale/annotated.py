"""One data set of many annotations, and workers that read it; prints JSON.

`python annotated.py KIND SIZE START_METHOD WORKERS FOLDER`, where KIND is packed or mapped (of
Engine), mmengine or table (of Hugging Face's datasets). What is built stays in FOLDER.
"""

import json
import multiprocessing
import os
import random
import sys
import time
from pathlib import Path

LOOKS = 20_000


def annotation(i):
    """A small annotation."""
    return {"img_path": f"train/{i:08d}.jpg", "gt_label": i % 1000, "height": 480, "width": 640}


class Many:
    """Annotations that are made one after another, so that nobody's peak is a list of them."""

    def __init__(self, size):
        self.size = size

    def __iter__(self):
        return map(annotation, range(self.size))

    def clear(self):
        """MMEngine clears the list that it has packed."""


def listed(base):
    """A data set class whose annotation file holds their number alone: reading costs nothing."""

    class Listed(base):
        def load_data_list(self):
            """All of them."""
            return Many(int(Path(self.ann_file).read_text()))

    Listed.__qualname__ = "Listed"
    globals()["Listed"] = Listed  # for spawn
    return Listed


def import_library(kind):
    """Import what `make` uses, and spawned workers need."""
    if kind == "table":
        import datasets

        return datasets
    if kind == "mmengine":
        from mmengine.dataset import BaseDataset
    else:
        from engine_dataset import BaseDataset
    return listed(BaseDataset)


def make(kind, size, folder, library):
    """Make the data set."""
    if kind == "table":
        place = Path(folder, f"table-{size}")
        if not place.exists():
            table = library.Dataset.from_generator(
                lambda: map(annotation, range(size)), cache_dir=f"{folder}/generated"
            )
            table.save_to_disk(place)
        return library.load_from_disk(str(place))
    ann_file = Path(folder, f"{size}.txt")
    ann_file.exists() or ann_file.write_text(str(size))
    extra = {"serialize_data": "mmap", "index_dir": folder} if kind == "mapped" else {}
    return library(ann_file=str(ann_file), data_prefix={}, **extra)


def memory():
    """(PSS, what is this process's alone and written, USS) in MB, of Linux's /proc."""
    found = {}
    for line in Path("/proc/self/smaps_rollup").read_text().splitlines()[1:]:
        name, value, *_ = line.split()
        found[name] = int(value) / 1000
    own = found["Private_Dirty:"]
    return found["Pss:"], own, own + found["Private_Clean:"]


def read(kind, dataset, seed, pipe):
    """Read annotations all over the data set, then tell the memory when all have read."""
    numbers = random.Random(seed)
    for _ in range(min(LOOKS, len(dataset) * 5)):
        dataset[numbers.randrange(len(dataset))]
    pipe.send(None)
    pipe.recv()
    pipe.send(memory())
    pipe.recv()


if __name__ == "__mp_main__":  # a spawned worker
    import_library(os.environ["KIND"])


def main(kind, size, method, count, folder):
    """Start, look, and let workers look."""
    os.environ["KIND"] = kind
    library = import_library(kind)
    clock, cpu = time.perf_counter(), time.process_time()
    dataset = make(kind, size, folder, library)
    found = {"start_s": time.perf_counter() - clock, "start_cpu_s": time.process_time() - cpu}
    context = multiprocessing.get_context(method)
    workers, pipes = [], []
    for seed in range(count):
        mine, theirs = context.Pipe()
        worker = context.Process(target=read, args=(kind, dataset, seed, theirs))
        worker.start()
        workers.append(worker)
        pipes.append(mine)
    for pipe in pipes:
        pipe.recv()
    for pipe in pipes:
        pipe.send(None)
    told = [pipe.recv() for pipe in pipes]
    own = memory()
    for pipe in pipes:
        pipe.send(None)
    for worker in workers:
        worker.join()
    numbers = random.Random(0)
    cpu = time.process_time()
    for _ in range(LOOKS):
        dataset[numbers.randrange(size)]
    found["look_us"] = (time.process_time() - cpu) / LOOKS * 1e6
    pss, dirty, uss = zip(*told, strict=True)
    found |= {"parent_mb": own[0], "pss_mb": sum(pss) / count, "own_mb": sum(dirty) / count}
    found |= {"uss_mb": sum(uss) / count, "all_mb": own[0] + sum(pss)}
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4]), sys.argv[5])
