"""The pipelines of HoVer-Net's, CellViT's and HoVer-UNet's authors on one region, on the CPU, with seconds by part.

    python authors_pipelines.py nets AUTHORS OUT
    python authors_pipelines.py run AUTHORS TOOL REGION B0.onnx WORK [--net FILE]

AUTHORS is a folder with checkouts of vqdang/hover_net, TIO-IKIM/CellViT and DIAGNijmegen/HoVer-UNet, named hover_net,
CellViT and HoVer-UNet; nothing of them is in this repository. This runs in a Python of its own that has what they need:
shapely before 2, pandas before 2, NumPy before 2, PyTorch, onnxruntime and what else they import.

`nets` writes nets with random weights, for both sides: their authors' checkpoint, and the ONNX file for ours.

`run` calls the authors' own code and prints one JSON line: wall and processor seconds of the whole, of the net and of
post-processing with merging, peak memory, patches, and the file of the nuclei's contours. The net runs (if --net is
given) and its time and memory count, but noise is not what post-processing is made for: what goes on from there are the
maps of hoverslide-b0 for the very same patches, mirrored at their borders, reckoned by a process of its own that does
not count. Changed of the authors' code: "cuda" means the CPU; one thread; no further processes where there is a choice.
"""

import argparse
import contextlib
import json
import os
import resource
import sys
import threading
import time
import types
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[name] = "1"

import cv2  # noqa: E402
import numpy as np  # noqa: E402
import torch  # noqa: E402

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "pipelines" / "distill"))
SEED = 17
CLASSES = 6
CELLVIT_SIDE, CELLVIT_OVERLAP = 1024, 64


class StandIn:
    """hoverslide-b0's maps of patches, from a process of its own; what it takes is kept apart."""

    def __init__(self, model: Path):
        self.pool = ProcessPoolExecutor(1, get_context("spawn"), initializer=open_net, initargs=(model,))
        self.wall = self.cpu = 0.0
        self.pool.submit(os.getpid).result()
        self.pids = set(self.pool._processes)

    def __call__(self, patches: np.ndarray, kept: int | None = None) -> np.ndarray:
        """uint8 [n, h, w, 3] -> float32 [n, h, w, 4] of type, np, h, v; of the middle alone if so much is kept."""
        wall, cpu = time.perf_counter(), time.process_time()
        maps = self.pool.submit(maps_of, patches, kept).result()
        self.wall += time.perf_counter() - wall
        self.cpu += time.process_time() - cpu
        return maps


def open_net(model: Path) -> None:
    global net
    from hoverslide_distill.evaluation.infer import onnx_net

    net = onnx_net(model)


def maps_of(patches: np.ndarray, kept: int | None) -> np.ndarray:
    from hoverslide_distill.evaluation.infer import infer_field, probabilities

    if kept:
        margin = (net.kept - kept) // 2
        outputs = net.run(patches)[:, :, margin : margin + kept, margin : margin + kept]
    else:
        outputs = [infer_field(net, patch) for patch in patches]
    found = [probabilities(output) for output in outputs]
    return np.stack([np.stack([kind.astype(np.float32), p, h, v], -1) for p, h, v, kind in found])


class Clock:
    """Wall and processor seconds by part, of this process and those it has ended, without the stand-in's."""

    def __init__(self, stand_in: StandIn):
        self.stand_in = stand_in
        self.parts: dict[str, list[float]] = {}

    def now(self) -> np.ndarray:
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = time.process_time() + children.ru_utime + children.ru_stime
        return np.array([time.perf_counter() - self.stand_in.wall, cpu - self.stand_in.cpu])

    @contextlib.contextmanager
    def part(self, name: str):
        start = self.now()
        yield
        self.parts[name] = list(np.array(self.parts.get(name, [0.0, 0.0])) + self.now() - start)

    def timed(self, name: str, function):
        def call(*args, **kwargs):
            with self.part(name):
                return function(*args, **kwargs)

        return call


class Peak(threading.Thread):
    """Largest memory of this process and its children together, without the stand-in's; sampled ten times a second."""

    def __init__(self, without: set[int]):
        super().__init__(daemon=True)
        self.without, self.bytes, self.over = without, 0, threading.Event()

    def run(self) -> None:
        import psutil

        me = psutil.Process()
        while not self.over.wait(0.1):
            with contextlib.suppress(psutil.Error):
                family = [me, *(p for p in me.children(recursive=True) if p.pid not in self.without)]
                self.bytes = max(self.bytes, sum(p.memory_info().rss for p in family))


def no_cuda() -> None:
    """`.to("cuda")` and `.cuda()` leave things where they are."""
    for kind in (torch.Tensor, torch.nn.Module):
        to = kind.to
        kind.to = lambda self, *args, to=to, **kwargs: (
            self if args and str(args[0]).startswith("cuda") else to(self, *args, **kwargs)
        )
        kind.cuda = lambda self, *args, **kwargs: self


def stub_torchvision() -> None:
    """The three transforms that CellViT asks of torchvision, which would have to fit the PyTorch at hand."""

    class Compose(list):
        def __call__(self, x):
            for step in self:
                x = step(x)
            return x

    def normalize(mean, std):
        mean, std = (torch.tensor(values)[:, None, None] for values in (mean, std))
        return lambda x: (x - mean) / std

    def to_tensor():
        return lambda image: torch.from_numpy(np.array(image)).permute(2, 0, 1).float().div(255)

    transforms = types.ModuleType("torchvision.transforms")
    transforms.Compose, transforms.ToTensor, transforms.Normalize = Compose, to_tensor, normalize
    package = types.ModuleType("torchvision")
    package.transforms = transforms
    sys.modules |= {"torchvision": package, "torchvision.transforms": transforms}


def nucleus_logits(maps: torch.Tensor) -> torch.Tensor:
    """[n, 2, h, w] of the stand-in's maps [n, 4, h, w]."""
    p = maps[:, 1].clamp(1e-6, 1 - 1e-6)
    return torch.stack([(1 - p).log(), p.log()], 1)


def type_logits(maps: torch.Tensor) -> torch.Tensor:
    return 20 * torch.nn.functional.one_hot(maps[:, 0].long(), CLASSES).permute(0, 3, 1, 2).float()


# HoVer-Net: run_infer.py wsi


def hover_net_model(authors: Path):
    sys.path.insert(0, str(authors / "hover_net"))
    from models.hovernet.net_desc import create_model

    torch.manual_seed(SEED)
    return create_model(mode="fast", nr_types=CLASSES)


def run_hover_net(authors: Path, region: Path, work: Path, has_net: Path | None, maps: StandIn, clock: Clock):
    sys.path.insert(0, str(authors / "hover_net"))
    from infer.wsi import InferManager
    from models.hovernet.post_proc import process

    manager = InferManager.__new__(InferManager)
    arguments = {"mode": "fast", "nr_types": CLASSES}
    if has_net:
        manager.__init__(method={"model_args": arguments, "model_path": str(has_net)}, type_info_path=None)
    else:
        manager.method, manager.nr_types, manager.post_proc_func = {"model_args": arguments}, CLASSES, process
    net, patches = manager.run_step if has_net else None, 0

    def step(batch):
        nonlocal patches
        patches += len(batch)
        if has_net:
            with clock.part("net"):
                net(batch)
        return maps(batch.numpy(), kept=164)

    manager.run_step = step
    dispatch = "_InferManager__dispatch_post_processing"
    setattr(manager, dispatch, clock.timed("postprocess", getattr(manager, dispatch)))
    (work / "cache").mkdir()
    (work / "out" / "json").mkdir(parents=True)
    manager._parse_args(
        {
            **{"batch_size": 8, "nr_inference_workers": 0, "nr_post_proc_workers": 0},
            **{"patch_input_shape": 256, "patch_output_shape": 164, "proc_mag": 40, "cache_path": str(work / "cache")},
            **{"ambiguous_size": 128, "chunk_shape": 10000, "tile_shape": 2048},
            **{"save_thumb": False, "save_mask": False},
        }
    )
    mask = work / "mask.png"  # all of it, as the other pipelines take it
    cv2.imwrite(str(mask), np.full((64, 64), 255, np.uint8))
    manager.process_single_file(str(region), str(mask), str(work / "out"))
    found = json.loads(next((work / "out").rglob("*.json")).read_text())["nuc"]
    return patches, [nucleus["contour"] for nucleus in found.values()]


# CellViT: cell_detection.py


def cellvit_model(authors: Path):
    sys.path.insert(0, str(authors / "CellViT"))
    stub_torchvision()
    from models.segmentation.cell_segmentation.cellvit import CellViT256

    torch.manual_seed(SEED)
    return CellViT256(None, CLASSES, 19).eval()


NUCLEI_TYPES = {"Background": 0, "Neoplastic": 1, "Inflammatory": 2, "Connective": 3, "Dead": 4, "Epithelial": 5}


def write_cellvit_patches(region: Path, folder: Path) -> None:
    """The region as their preprocessing lays it out: 1,024 px that overlap by 64, from -32 on, white beyond."""
    import openslide
    import yaml

    slide = openslide.OpenSlide(str(region))
    width, height = slide.dimensions
    step = CELLVIT_SIDE - CELLVIT_OVERLAP
    (folder / "patches").mkdir(parents=True)
    (folder / "metadata").mkdir()
    listed = []
    for row in range(-(-height // step)):
        for column in range(-(-width // step)):
            corner = (column * step - CELLVIT_OVERLAP // 2, row * step - CELLVIT_OVERLAP // 2)
            rgba = np.asarray(slide.read_region(corner, 0, (CELLVIT_SIDE, CELLVIT_SIDE)))
            image = np.where(rgba[..., 3:] > 0, rgba[..., :3], 255).astype(np.uint8)
            name = f"region_{row}_{column}.png"
            cv2.imwrite(str(folder / "patches" / name), image[..., ::-1])
            entry = {"row": row, "col": column, "metadata_path": f"metadata/{name}.yaml"}
            (folder / entry["metadata_path"]).write_text(yaml.safe_dump({"row": row, "col": column}))
            listed.append({name: entry})
    (folder / "patch_metadata.json").write_text(json.dumps(listed))
    about = {"magnification": 40, "downsampling": 1, "patch_size": CELLVIT_SIDE, "patch_overlap": CELLVIT_OVERLAP}
    (folder / "metadata.yaml").write_text(yaml.safe_dump({**about, "label_map": {"nucleus": 1}}))


def run_cellvit(authors: Path, region: Path, work: Path, has_net: Path | None, maps: StandIn, clock: Clock):
    sys.path.insert(0, str(authors / "CellViT"))
    stub_torchvision()
    import pandarallel
    from cell_segmentation.inference import cell_detection
    from cell_segmentation.inference.cell_detection import CellSegmentationInference
    from datamodel.wsi_datamodel import WSI

    pandarallel.pandarallel.initialize(progress_bar=False, nb_workers=1, verbose=0)
    loader = cell_detection.DataLoader
    cell_detection.DataLoader = lambda **options: loader(**{**options, "num_workers": 0})
    write_cellvit_patches(region, work / "region")
    if has_net:
        tool = CellSegmentationInference(has_net, 0)
    else:
        tool = CellSegmentationInference.__new__(CellSegmentationInference)
        tool.device, tool.mixed_precision = "cuda:0", False
        tool._CellSegmentationInference__instantiate_logger()
        tool.run_conf = {"transformations": {}, "dataset_config": {"nuclei_types": NUCLEI_TYPES}}
        tool._CellSegmentationInference__load_inference_transforms()
        tool.model = cellvit_model(authors)
    forward, patches = tool.model.forward, 0

    def stand_in(images, retrieve_tokens):
        nonlocal patches
        patches += len(images)
        side = CELLVIT_SIDE // 16
        out = {"tokens": torch.zeros(len(images), tool.model.embed_dim, side, side)}
        if has_net:
            with clock.part("net"):
                out = forward(images, retrieve_tokens=retrieve_tokens)
        pixels = ((images * 0.5 + 0.5) * 255).round().to(torch.uint8).permute(0, 2, 3, 1).numpy()
        found = torch.from_numpy(maps(pixels)).permute(0, 3, 1, 2)
        out["nuclei_binary_map"] = nucleus_logits(found)
        out["hv_map"] = found[:, 2:].contiguous()
        out["nuclei_type_map"] = type_logits(found)
        return out

    tool.model.forward = stand_in
    for owner, name in ((tool.model, "calculate_instance_map"), (tool, "post_process_edge_cells")):
        setattr(owner, name, clock.timed("postprocess", getattr(owner, name)))
    slide = WSI("region", "region", region, work / "region")
    tool.process_wsi(slide, batch_size=1)
    cells = json.loads((work / "region" / "cell_detection" / "cells.json").read_text())["cells"]
    return patches, [cell["contour"] for cell in cells]


# HoVer-UNet: run_infer.py


def run_hover_unet(authors: Path, region: Path, work: Path, has_net: Path | None, maps: StandIn, clock: Clock):
    sys.path.insert(0, str(authors / "HoVer-UNet"))
    from hoverslide_distill.models.load import encoder_of, find_state_dict
    from hoverslide_distill.models.unet import Student

    # Their net is segmentation_models_pytorch's U-Net, of which ours is the function under the same names.
    encoder = encoder_of(find_state_dict(torch.load(has_net))) if has_net else "b0"
    stub = types.ModuleType("segmentation_models_pytorch")
    stub.Unet = lambda **_: Student(encoder)
    sys.modules["segmentation_models_pytorch"] = stub
    import openslide
    from inference.infer import FastHoVerNetInfer

    if not has_net:
        has_net = work / "any.pth"
        torch.save({"model_state_dict": Student("b0").state_dict()}, has_net)
        counted = False
    else:
        counted = True
    (work / "in").mkdir()
    slide = openslide.OpenSlide(str(region))
    slide.read_region((0, 0), 0, slide.dimensions).convert("RGB").save(work / "in" / "region.png", compress_level=1)
    tool = FastHoVerNetInfer(str(work / "in"), str(has_net), str(work / "out"), (256, 256, 3), 192, overlay=False)
    net, patches = tool.fasthovernet, 0

    def stand_in(images):
        nonlocal patches
        patches += len(images)
        if counted:
            with clock.part("net"):
                net(images)
        pixels = (images * 255).round().to(torch.uint8).permute(0, 2, 3, 1).numpy()
        found = torch.from_numpy(maps(pixels)).permute(0, 3, 1, 2)
        return torch.cat([nucleus_logits(found), found[:, 2:], type_logits(found)], 1)

    tool.fasthovernet = stand_in
    for name in ("_marge_patches", "_post_process"):
        setattr(tool, name, clock.timed("postprocess", getattr(tool, name)))
    tool.infer()
    import pickle

    with open(next((work / "out" / "predictions").iterdir()), "rb") as file:
        contours = pickle.load(file)["inst_contour"]
    return patches, [contour.tolist() for contour in contours]


TOOLS = {"hover_net": run_hover_net, "CellViT": run_cellvit, "HoVer-UNet": run_hover_unet}


def write_nets(authors: Path, out: Path) -> None:
    """Checkpoints as the authors' code reads them, and ONNX files, of nets with the same random weights."""
    out.mkdir(exist_ok=True)
    net = hover_net_model(authors).eval()
    torch.save({"desc": net.state_dict()}, out / "hover_net.tar")
    heads = ["tp", "np", "hv"]
    export(HeadsOf(net, heads), 256, heads, out / "hover_net.onnx")
    for name in [name for name in sys.modules if name.split(".")[0] in ("models", "utils", "misc")]:
        del sys.modules[name]
    sys.path.remove(str(authors / "hover_net"))
    net = cellvit_model(authors)
    config = {"data.num_nuclei_classes": CLASSES, "data.num_tissue_classes": 19, "transformations.x": 0, "model.x": 0}
    config |= {"training.mixed_precision": False}
    config |= {f"dataset_config.nuclei_types.{name}": i for name, i in NUCLEI_TYPES.items()}
    content = {"arch": "CellViT256", "config": config, "model_state_dict": net.state_dict()}
    torch.save(content, out / "cellvit.pth")
    tokens = torch.zeros(1, (CELLVIT_SIDE // 16) ** 2 + 1, net.embed_dim)
    position = net.encoder.interpolate_pos_encoding(tokens, CELLVIT_SIDE, CELLVIT_SIDE).detach()
    net.encoder.interpolate_pos_encoding = lambda x, w, h: position
    del sys.modules["torchvision"]  # PyTorch's exporter would ask it for more than there is
    heads = ["nuclei_binary_map", "hv_map", "nuclei_type_map"]
    export(HeadsOf(net, heads), CELLVIT_SIDE, heads, out / "cellvit.onnx")


class HeadsOf(torch.nn.Module):
    def __init__(self, net: torch.nn.Module, heads: list[str]):
        super().__init__()
        self.net, self.heads = net, heads

    def forward(self, x):
        found = self.net(x)
        return tuple(found[name] for name in self.heads)


def export(net: torch.nn.Module, side: int, heads: list[str], path: Path) -> None:
    axes = {name: {0: "n"} for name in ["image", *heads]}
    options = {"dynamo": False, "opset_version": 17, "input_names": ["image"], "output_names": heads}
    with torch.no_grad():
        torch.onnx.export(net, (torch.zeros(1, 3, side, side),), path, dynamic_axes=axes, **options)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    nets = commands.add_parser("nets")
    run = commands.add_parser("run")
    for one in (nets, run):
        one.add_argument("authors", type=Path)
    nets.add_argument("out", type=Path)
    run.add_argument("tool", choices=TOOLS)
    run.add_argument("region", type=Path)
    run.add_argument("model", type=Path)
    run.add_argument("work", type=Path)
    run.add_argument("--net", type=Path)
    args = parser.parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    no_cuda()
    if args.command == "nets":
        write_nets(args.authors, args.out)
        return
    args.work.mkdir(parents=True)
    stand_in = StandIn(args.model)
    clock, peak = Clock(stand_in), Peak(stand_in.pids)
    peak.start()
    with contextlib.redirect_stdout(sys.stderr), clock.part("all"):
        patches, contours = TOOLS[args.tool](args.authors, args.region, args.work, args.net, stand_in, clock)
    peak.over.set()
    found = args.work / "contours.json"
    found.write_text(json.dumps(contours))
    parts = {name: {"wall": wall, "cpu": cpu} for name, (wall, cpu) in clock.parts.items()}
    print(
        json.dumps({**parts, "peak": peak.bytes, "patches": patches, "nuclei": len(contours), "contours": str(found)})
    )


if __name__ == "__main__":
    main()
