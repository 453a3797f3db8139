"""The cost of teacher and students, to be shown beside HoVer-UNet's paper: `python costs.py CONSEP_TEST B0.onnx MAPS`.

Prints one JSON line: for HoVer-Net (fast) and the students B0 to B3, with the weights they are born with, products for
one patch, parameters and the best core-seconds for a batch of 16; and for the way over the test fields the core-seconds
of the net, of post-processing and of measuring. All nets run in PyTorch under the same settings. Only B0 has learned
anything: its maps, from the ONNX file, are post-processed and measured for all. They are left in MAPS, a folder per
field, as np.npy, h.npy, v.npy and type.npy.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

# Threads that wait must not count as work; read when OpenMP starts.
os.environ["OMP_WAIT_POLICY"] = "PASSIVE"

import cv2
import numpy as np
import torch
from postprocess_reference import nuclei
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "pipelines" / "distill"))
from hoverslide_distill.data.packs import PackField  # noqa: E402
from hoverslide_distill.evaluation import measures  # noqa: E402
from hoverslide_distill.evaluation.infer import Net, infer_field, onnx_net, probabilities  # noqa: E402
from hoverslide_distill.evaluation.postprocess import nucleus_classes, reference  # noqa: E402
from hoverslide_distill.models.centre import STRIDE, middle  # noqa: E402
from hoverslide_distill.models.hovernet import OUT, PATCH, HoverNet  # noqa: E402
from hoverslide_distill.models.unet import Student  # noqa: E402

BATCH = 16
NETS: dict[str, Callable[[], nn.Module]] = {
    "HoVer-Net (fast)": HoverNet,
    **{f"student {size.upper()}": (lambda size=size: Student(size)) for size in ("b0", "b1", "b2", "b3")},
}
KEPT = {"HoVer-Net (fast)": OUT, "student B2": STRIDE, "student B0": STRIDE}
"""Nets that go the whole way, with the side of what is kept of a patch."""
ROUNDS = {"HoVer-Net (fast)": 1}
OTHER_ROUNDS = 3


def count(make: Callable[[], nn.Module]) -> dict[str, float]:
    """Products (GMac) for one patch and parameters (millions), counted on shapes alone."""
    with torch.device("meta"), torch.no_grad(), FlopCounterMode(display=False) as counter:
        model = make().eval()
        model(torch.zeros(1, 3, PATCH, PATCH))
    return {"gmac": counter.get_total_flops() / 2e9, "parameters": sum(p.numel() for p in model.parameters()) / 1e6}


class Runner:
    """A net on batches of uint8 patches, in float32 or with bfloat16 where that is safe."""

    def __init__(self, make: Callable[[], nn.Module]):
        torch.manual_seed(1)
        self.model = make().eval().to(memory_format=torch.channels_last)

    def __call__(self, patches: np.ndarray, half: bool) -> np.ndarray:
        image = torch.from_numpy(patches).permute(0, 3, 1, 2).float().div_(255)
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=half):
            return self.model(image).float().numpy()

    def seconds(self, half: bool, rounds: int) -> float:
        patches = np.random.default_rng(1).integers(0, 256, (BATCH, PATCH, PATCH, 3), dtype=np.uint8)
        self(patches[:1], half)
        best = float("inf")
        for _ in range(rounds):
            start = time.process_time()
            self(patches, half)
            best = min(best, time.process_time() - start)
        return best


def net_way(run: Runner, images: list[np.ndarray], kept: int) -> dict[str, float]:
    """Core-seconds of a net over all fields, maps put together, and the patches that this took."""
    patches = 0

    def middles(batch: np.ndarray) -> np.ndarray:
        nonlocal patches
        patches += len(batch)
        return middle(run(batch, half=True), kept)

    start = time.process_time()
    for image in images:
        infer_field(Net(middles, kept), image)
    return {"net": time.process_time() - start, "patches": patches}


def measure(labels: np.ndarray, found: list[dict], truth: np.ndarray, true_label: np.ndarray) -> None:
    """Dice, PQ and the pairs of F_d, as the paper measures."""
    measures.dice(truth, labels)
    measures.panoptic_quality(truth, labels)
    ids, _ = nucleus_classes(truth, true_label)
    centres = np.array([[n["centroid"][1], n["centroid"][0]] for n in found]).reshape(-1, 2)
    measures.match(measures.centroids(truth, ids), centres)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fields", type=Path, help="consep/test")
    parser.add_argument("model", type=Path)
    parser.add_argument("maps", type=Path)
    args = parser.parse_args()
    cv2.setNumThreads(torch.get_num_threads())
    fields = [PackField("consep", path.stem, path) for path in sorted((args.fields / "images").iterdir())]
    labelled = [field.read() for field in fields]

    rest = {"postprocess": 0.0, "measures": 0.0, "nuclei": 0}
    net = onnx_net(args.model)
    for field, content in zip(fields, labelled, strict=True):
        maps = probabilities(infer_field(net, content.image))
        folder = args.maps / field.name
        folder.mkdir(parents=True)
        for name, array in zip(("np", "h", "v", "type"), maps, strict=True):
            np.save(folder / f"{name}.npy", np.ascontiguousarray(array))
        start = time.process_time()
        labels = reference(*maps[:3])
        found = nuclei(labels, maps[3])
        middle = time.process_time()
        measure(labels, found, content.instances, content.label)
        rest["postprocess"] += middle - start
        rest["measures"] += time.process_time() - middle
        rest["nuclei"] += len(found)

    nets, ways = {}, {}
    for name, make in NETS.items():
        run = Runner(make)
        rounds = ROUNDS.get(name, OTHER_ROUNDS)
        seconds = {"float32": run.seconds(False, rounds), "bfloat16": run.seconds(True, OTHER_ROUNDS)}
        nets[name] = count(make) | seconds
        print(f"costs: {name} {nets[name]}", file=sys.stderr, flush=True)
        if name in KEPT:
            ways[name] = net_way(run, [content.image for content in labelled], KEPT[name])
            print(f"costs: {name} {ways[name]}", file=sys.stderr, flush=True)
    print(json.dumps({"threads": torch.get_num_threads(), "nets": nets, "ways": ways, **rest}))


if __name__ == "__main__":
    main()
