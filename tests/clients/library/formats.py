"""Small data sets in the formats of OpenMMLab's libraries: coloured shapes, the same every time."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import cv2
import numpy as np

Array = Any  # (H, W, 3) uint8, or what its place says


def background(random: np.random.Generator, height: int, width: int) -> Array:
    """A noisy picture."""
    return random.integers(0, 90, (height, width, 3), dtype=np.uint8)


def boxes_in(random: np.random.Generator, height: int, width: int, number: int) -> list[Any]:
    """So many boxes: left, top, width, height."""
    found = []
    for _ in range(number):
        w, h = (int(random.integers(size // 5, size // 2)) for size in (width, height))
        found.append(
            (int(random.integers(0, width - w)), int(random.integers(0, height - h)), w, h)
        )
    return found


def coco(folder: Path, *, size: tuple[int, int] = (96, 128), numbers: tuple[int, int]) -> None:
    """Pictures with rectangles of three classes, in COCO's format, for training and validation."""
    names = ("person", "bicycle", "car")
    for split, (seed, number) in {"train": (0, numbers[0]), "val": (1, numbers[1])}.items():
        random = np.random.default_rng(seed)
        pictures = folder / f"{split}2017"
        pictures.mkdir(parents=True)
        images, annotations = [], []
        for index in range(number):
            image = background(random, *size)
            for left, top, width, height in boxes_in(random, *size, 1 + index % 3):
                label = int(random.integers(0, 3))
                image[top : top + height, left : left + width, label] = 230
                corners = [left, top, left + width, top, left + width, top + height, left]
                annotations.append(
                    {
                        "id": len(annotations) + 1,
                        "image_id": index,
                        "category_id": label + 1,
                        "bbox": [left, top, width, height],
                        "area": width * height,
                        "iscrowd": 0,
                        "segmentation": [[*corners, top + height]],
                        **keypoints(left, top, width, height),
                    }
                )
            name = f"{index:06}.png"
            cv2.imwrite(str(pictures / name), image)
            images.append({"id": index, "file_name": name, "height": size[0], "width": size[1]})
        categories = [{"id": i + 1, "name": name} for i, name in enumerate(names)]
        categories[0]["keypoints"] = [str(i) for i in range(17)]
        categories[0]["skeleton"] = []
        content = {"images": images, "annotations": annotations, "categories": categories}
        place = folder / "annotations"
        place.mkdir(exist_ok=True)
        for kind in ("instances", "person_keypoints"):
            kept = dict(content)
            if kind == "person_keypoints":
                kept["annotations"] = [{**a, "category_id": 1} for a in annotations]
                kept["categories"] = categories[:1]
            (place / f"{kind}_{split}2017.json").write_text(json.dumps(kept), "utf-8")


def keypoints(left: int, top: int, width: int, height: int) -> dict[str, Any]:
    """Seventeen of them along a diagonal."""
    flat: list[float] = []
    for index in range(17):
        part = (index + 0.5) / 17
        flat += [left + part * width, top + part * height, 2]
    return {"keypoints": flat, "num_keypoints": 17}


def segmentation(folder: Path, *, size: int = 96, numbers: tuple[int, int]) -> None:
    """Pictures with rectangles, and the class of each pixel, of four."""
    for split, (seed, number) in {"train": (0, numbers[0]), "val": (1, numbers[1])}.items():
        random = np.random.default_rng(seed)
        pictures, labels = folder / "images" / split, folder / "labels" / split
        pictures.mkdir(parents=True)
        labels.mkdir(parents=True)
        for index in range(number):
            image, label = background(random, size, size), np.zeros((size, size), np.uint8)
            for left, top, width, height in boxes_in(random, size, size, 3):
                kind = int(random.integers(1, 4))
                image[top : top + height, left : left + width, kind - 1] = 230
                label[top : top + height, left : left + width] = kind
            cv2.imwrite(str(pictures / f"{index}.png"), image)
            cv2.imwrite(str(labels / f"{index}.png"), label)


def videos(folder: Path, *, numbers: tuple[int, int]) -> None:
    """Videos of squares that move left or right, and a list of them."""
    for split, (seed, number) in {"train": (0, numbers[0]), "val": (1, numbers[1])}.items():
        random = np.random.default_rng(seed)
        (folder / split).mkdir(parents=True)
        lines = []
        for index in range(number):
            label = index % 2
            name = f"{index}.mp4"
            writer = cv2.VideoWriter(
                str(folder / split / name), cv2.VideoWriter_fourcc(*"mp4v"), 10, (80, 64)
            )
            for step in range(24):
                image = background(random, 64, 80)
                left = 2 * step if label else 60 - 2 * step
                image[20:40, left : left + 20] = 230
                writer.write(image)
            writer.release()
            lines.append(f"{name} {label}\n")
        (folder / f"{split}.txt").write_text("".join(lines), "utf-8")


def words(folder: Path, *, numbers: tuple[int, int]) -> None:
    """Pictures of short words, and what stands there, in mmocr's format."""
    letters = "abcdefgh0123"
    for split, (seed, number) in {"train": (0, numbers[0]), "val": (1, numbers[1])}.items():
        random = np.random.default_rng(seed)
        (folder / split).mkdir(parents=True)
        entries = []
        for index in range(number):
            text = "".join(random.choice(list(letters), 4))
            image = background(random, 32, 100)
            cv2.putText(image, text, (8, 24), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (255, 255, 255), 2)
            cv2.imwrite(str(folder / split / f"{index}.png"), image)
            entries.append({"img_path": f"{split}/{index}.png", "instances": [{"text": text}]})
        meta = {"dataset_type": "TextRecogDataset", "task_name": "textrecog"}
        content = {"metainfo": meta, "data_list": entries}
        (folder / f"{split}.json").write_text(json.dumps(content), "utf-8")


def labelled(folder: Path, *, size: int = 48, numbers: tuple[int, int]) -> None:
    """Pictures of ten classes, each in the folder of its class."""
    for split, (seed, number) in {"train": (0, numbers[0]), "val": (1, numbers[1])}.items():
        random = np.random.default_rng(seed)
        for index in range(number):
            label = index % 10
            image = background(random, size, size)
            cv2.circle(image, (size // 2, size // 2), 4 + 2 * label, (230, 20 * label, 60), -1)
            place = folder / split / f"class_{label}"
            place.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(place / f"{index}.png"), image)


def faces(folder: Path, *, size: int = 64, number: int) -> None:
    """Pictures without labels."""
    random = np.random.default_rng(0)
    folder.mkdir(parents=True)
    for index in range(number):
        image = background(random, size, size)
        cv2.circle(image, (size // 2, size // 2), size // 3, (230, 120, 60), -1)
        cv2.imwrite(str(folder / f"{index}.png"), image)


def kitti(folder: Path, *, numbers: tuple[int, int]) -> None:
    """Clouds of points with boxes of three classes, in mmdet3d's format of KITTI."""
    sizes = ((0.8, 1.7, 0.6), (1.8, 1.7, 0.6), (3.9, 1.6, 1.6))  # length, height, width, in metres
    lidar2cam = np.array([[0, -1, 0, 0], [0, 0, -1, 0], [1, 0, 0, 0], [0, 0, 0, 1]], float)
    cam2img = np.array([[200, 0, 160, 0], [0, 200, 60, 0], [0, 0, 1, 0], [0, 0, 0, 1]], float)
    points = folder / "training/velodyne_reduced"
    points.mkdir(parents=True)
    meta = {"categories": {"Pedestrian": 0, "Cyclist": 1, "Car": 2}, "dataset": "kitti"}
    for split, (seed, number) in {"train": (0, numbers[0]), "val": (1, numbers[1])}.items():
        random = np.random.default_rng(seed)
        entries = []
        for index in range(number):
            name = f"{split}{index}.bin"
            cloud = [random.uniform((0, -10, -1.7, 0), (20, 10, -1.6, 1), (400, 4))]
            instances = []
            for _ in range(3):
                label = int(random.integers(0, 3))
                length, height, width = sizes[label]
                x, y = random.uniform((4, -4), (16, 4))
                inside = random.uniform(-0.5, 0.5, (60, 3)) * np.array((length, width, height))
                cloud.append(np.c_[inside + np.array((x, y, height / 2 - 1.7)), np.ones(60)])
                left, top = 160 - 200 * (y + width / 2) / x, 60 + 200 * (1.7 - height) / x
                right, bottom = 160 - 200 * (y - width / 2) / x, 60 + 200 * 1.7 / x
                instances.append(
                    {
                        "bbox": [left, top, right, bottom],
                        "bbox_label": label,
                        # in the camera's view: right, down, forward, from the middle of the floor
                        "bbox_3d": [-y, 1.7, x, length, height, width, -np.pi / 2],
                        "bbox_label_3d": label,
                        "depth": x,
                        "center_2d": [(left + right) / 2, (top + bottom) / 2],
                        "num_lidar_pts": 60,
                        "difficulty": 0,
                        "truncated": 0.0,
                        "occluded": 0,
                        "alpha": 0.0,
                        "score": 0.0,
                        "index": len(instances),
                        "group_id": len(instances),
                    }
                )
            np.concatenate(cloud).astype(np.float32).tofile(points / name)
            camera = {
                "img_path": f"{index}.png",
                "height": 120,
                "width": 320,
                "cam2img": cam2img.tolist(),
                "lidar2cam": lidar2cam.tolist(),
                "lidar2img": (cam2img @ lidar2cam).tolist(),
            }
            entries.append(
                {
                    "sample_idx": index,
                    "lidar_points": {
                        "lidar_path": name,
                        "num_pts_feats": 4,
                        "lidar2cam": lidar2cam.tolist(),
                        "Tr_velo_to_cam": lidar2cam.tolist(),
                    },
                    "images": {
                        "CAM2": camera,
                        "R0_rect": np.eye(4).tolist(),
                    },
                    "instances": instances,
                }
            )
        info = {"metainfo": meta, "data_list": entries}
        (folder / f"kitti_infos_{split}.pkl").write_bytes(pickle.dumps(info))
