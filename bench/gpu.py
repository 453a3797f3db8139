"""Everything that is measured on a GPU, on a machine that can reach no registry.

    python3 bench/gpu.py pack                  here: build/gpu/NN-of-MM.HASH, pieces with Node, hoverslide, provider
    python3 bench/gpu.py unpack                there, once all pieces lie in build/gpu
    python3 bench/gpu.py run [--minutes 7]     there: build/gpu-results/results.json and .md, renewed after every step

docs/gpu.md says what the machine must have. Steps come in the order of their weight. One that cannot be done is
recorded with its reason, and the next one follows. `run` does what has no result yet and begins nothing after
--minutes: give it again to go on. `run --provider cpu --quick` tries the whole script without a GPU.
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

from gpu_pack import PLACE, ROOT, pack, unpack

MODEL = "models/hoverslide-b0.onnx"
PATCH = 256


class Bench:
    def __init__(self, out: Path, provider: str, quick: bool, only: str, minutes: float):
        self.out, self.provider, self.quick, self.only = out, provider, quick, re.compile(only)
        self.end = time.monotonic() + 60 * minutes
        here = not (PLACE / "hoverslide").exists()
        self.home = ROOT if here else PLACE / "hoverslide"
        self.node = "node" if here else str(PLACE / "node")
        self.work = Path("/tmp/hoverslide-gpu-work")
        self.work.mkdir(exist_ok=True)
        earlier = out / "results.json"
        self.results: dict[str, object] = json.loads(earlier.read_text()) if earlier.exists() else {}
        libraries = os.pathsep.join([*nvidia_libraries(), os.environ.get("LD_LIBRARY_PATH", "")]).strip(os.pathsep)
        cache = {"XDG_CACHE_HOME": str(PLACE / "cache"), "ORT_DISABLE_TELEMETRY": "1"}
        self.environment = os.environ | cache | {"LD_LIBRARY_PATH": libraries}
        self.seconds = 1 if quick else 4
        # Each further batch costs a search for the fastest convolutions.
        self.batches = [2, 4] if quick else [16, 64, 256]
        self.torch_device = "cuda" if provider != "cpu" else "cpu"

    def step(self, name: str, work) -> None:
        if not self.only.search(name) or self.results.get(name, {"failed": ""}).keys() != {"failed"}:
            return
        start = time.monotonic()
        if start > self.end:
            print(f"not begun: {name}", flush=True)
            return
        try:
            self.results[name] = work()
        except subprocess.CalledProcessError as error:
            lines = (error.stderr or error.stdout or "").strip().splitlines() or [f"exit code {error.returncode}"]
            self.results[name] = {"failed": next((line for line in reversed(lines) if "rror" in line), lines[-1])}
        except Exception as error:  # whatever it is, the next step may work
            self.results[name] = {"failed": f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"}
        print(f"[{time.monotonic() - start:6.1f} s] {name}: {json.dumps(self.results[name])[:600]}", flush=True)
        self.out.mkdir(parents=True, exist_ok=True)
        (self.out / "results.json").write_text(json.dumps(self.results, indent=2) + "\n")
        (self.out / "results.md").write_text(as_markdown(self.results))

    def call(self, *args: str, limit: float = 500) -> str:
        return self.run_here([self.node, *args], limit).stdout

    def run_here(self, command: list[str], limit: float, check: bool = True) -> subprocess.CompletedProcess[str]:
        place = {"cwd": self.home, "env": self.environment}
        return subprocess.run(command, capture_output=True, text=True, check=check, timeout=limit, **place)

    def hoverslide(self, *args: str, limit: float = 500) -> str:
        return self.call("bin/hoverslide.cjs", *args, limit=limit)

    # What there is.

    def machine(self):
        gpu = subprocess.run(
            ["nvidia-smi", "--query-gpu=name,driver_version,memory.total", "--format=csv,noheader"],
            capture_output=True, text=True, check=False,
        ) if shutil.which("nvidia-smi") else None  # fmt: skip
        import torch

        return {
            "gpu": gpu.stdout.strip() if gpu else None,
            "cores": len(os.sched_getaffinity(0)),
            "torch": torch.__version__,
            "cuda_libraries": nvidia_libraries(),
            "node": subprocess.run([self.node, "--version"], capture_output=True, text=True, check=True).stdout.strip(),
        }

    def add_provider(self):
        start = time.monotonic()
        text = self.hoverslide("provider", "add", "cuda", "--from", str(PLACE))
        return {"said": text.strip().splitlines()[-1], "seconds": round(time.monotonic() - start, 1)}

    def doctor(self):
        return dict(enumerate(self.hoverslide("doctor").strip().splitlines()))

    # The bare net.

    def hoverslide_net(self, model: str):
        """Patches per second of the bare net by batch, in the product's own process."""
        return self.bench(model, self.batches)

    def two_sessions(self, model: str):
        """Two sessions on one device: whether copies to and from it leave it idle."""
        return self.bench(model, [64], "--device", "0,0")

    def bench(self, model: str, batches: list[int], *flags: str):
        sizes = ["--batches", ",".join(map(str, batches)), "--seconds", str(self.seconds)]
        where = ["--model", str(self.path(model)), "--provider", self.provider, "--slide", str(self.small_slide())]
        found = json.loads(self.hoverslide("bench", "--json", *where, *sizes, *flags))
        return {net["batch"]: round(net["patchesPerSecond"], 1) for net in found["nets"]}

    def python_onnxruntime(self, model: str):
        """onnxruntime in Python: uint8 patches in, packed maps out, in a process that sees the GPU's build of it."""
        program = f"""
import json, sys, time
sys.path.insert(0, {str(PLACE / "python")!r})
import numpy as np, onnxruntime
provider = {"CUDAExecutionProvider" if self.provider != "cpu" else "CPUExecutionProvider"!r}
session = onnxruntime.InferenceSession({str(self.path(model))!r}, providers=[provider])
assert session.get_providers()[0] == provider, session.get_providers()
speeds = {{}}
for batch in {self.batches}:
    patches = np.random.default_rng(1).integers(0, 256, (batch, {PATCH}, {PATCH}, 3), dtype=np.uint8)
    session.run(["maps"], {{"image": patches}})
    start, done = time.perf_counter(), 0
    while done < 4 or time.perf_counter() - start < {self.seconds}:
        session.run(["maps"], {{"image": patches}})
        done += 1
    speeds[batch] = round(done * batch / (time.perf_counter() - start), 1)
print(json.dumps(speeds))
"""
        done = self.run_here([sys.executable, "-c", program], 400)
        return json.loads(done.stdout.splitlines()[-1])

    def pytorch(self, encoder: str, precision: str):
        """PyTorch, eager: uint8 patches copied to the device, packed maps copied back."""
        import torch

        sys.path.insert(0, str(self.home / "pipelines" / "distill"))
        from hoverslide_distill.models.packed import PackedStudent
        from hoverslide_distill.models.unet import Student

        device = torch.device(self.torch_device)
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = precision == "tf32"
        torch.backends.cudnn.benchmark = True
        net = PackedStudent(Student(encoder)).eval().to(device)
        speeds = {}
        with torch.inference_mode(), torch.autocast(device.type, torch.float16, enabled=precision == "float16"):
            for batch in self.batches:
                patches = torch.randint(0, 256, (batch, PATCH, PATCH, 3), dtype=torch.uint8)
                if device.type == "cuda":
                    patches = patches.pin_memory()
                for _ in range(1 if self.quick else 5):
                    net(patches.to(device))[0].cpu()
                start, done = time.perf_counter(), 0
                while done < 3 or time.perf_counter() - start < self.seconds:
                    net(patches.to(device, non_blocking=True))[0].cpu()
                    done += 1
                speeds[batch] = round(done * batch / (time.perf_counter() - start), 1)
        return speeds

    # Other forms of the net.

    def path(self, model: str) -> Path:
        return Path(model) if Path(model).is_absolute() else self.home / model

    def make_float16(self, model: str, name: str):
        """float16 inside, uint8 in and out; the card stays."""
        import onnx

        sys.path.insert(0, str(self.home / "pipelines" / "distill"))
        from hoverslide_distill.steps.float16 import with_float16

        onnx.save(with_float16(onnx.load(self.path(model))), self.work / name)
        return {"bytes": (self.work / name).stat().st_size}

    def make_b2(self):
        """A B2 with the weights it is born with: as fast as a trained one."""
        import onnx
        from onnx import helper

        sys.path.insert(0, str(self.home / "pipelines" / "distill"))
        import torch
        from hoverslide_distill.models.unet import Student
        from hoverslide_distill.steps.export import trace

        torch.manual_seed(1)
        path = self.work / "b2.onnx"
        trace(Student("b2").eval(), path)
        made = onnx.load(path)
        card = {entry.key: entry.value for entry in onnx.load(self.path(MODEL)).metadata_props}
        helper.set_model_props(made, card)
        onnx.save(made, path)
        return {"bytes": path.stat().st_size}

    # Is it the same?

    def maps(self, model: str, provider: str, batch: int, name: str) -> str:
        out = self.work / name
        text = self.call("dist/bench/gpu-maps.js", str(self.path(model)), provider, str(batch), str(out))
        return json.loads(text)["sha256"]

    def repeats(self, model: str):
        """The maps of ten fresh processes."""
        batch, times = (2, 2) if self.quick else (64, 10)
        hashes = [self.maps(model, self.provider, batch, "repeat.bin") for _ in range(times)]
        return {"processes": times, "different_maps": len(set(hashes))}

    def agreement(self, model: str, reference: str = MODEL):
        """Shares of equal pixels with the reference model on the CPU: nucleus mask, class, h and v within 1/100."""
        import numpy as np

        batch = 2 if self.quick else 32
        self.maps(reference, "cpu", batch, "cpu.bin")
        self.maps(model, self.provider, batch, "gpu.bin")
        cpu, gpu = (
            np.fromfile(self.work / name, np.uint8).reshape(-1, 4).astype(int) for name in ("cpu.bin", "gpu.bin")
        )
        return {
            "nucleus": float(((cpu[:, 0] >= 128) == (gpu[:, 0] >= 128)).mean()),
            "class": float((cpu[:, 3] == gpu[:, 3]).mean()),
            "hv_within_1": float((abs(cpu[:, 1:3] - gpu[:, 1:3]) <= 1).mean()),
            "bytes": float((cpu == gpu).mean()),
        }

    # Whole slides.

    def small_slide(self) -> Path:
        path = self.work / "small.tif"
        if not path.exists():
            self.call("dist/bench/gpu-slide.js", str(path), "800" if self.quick else "3000")
        return path

    def large_slide(self):
        side = 2000 if self.quick else 40000
        path = self.work / "large.tif"
        self.call("dist/bench/gpu-slide.js", str(path), str(side))
        return {"side_px": side, "bytes": path.stat().st_size}

    def whole_slide(self, model: str, *flags: str):
        """Seconds per mm2 end to end, glass counted as tissue, and how busy the device was."""
        out = self.work / "out"
        shutil.rmtree(out, ignore_errors=True)
        common = ["--model", str(self.path(model)), "--provider", self.provider, "-o", str(out), "--no-tissue-mask"]
        start = time.monotonic()
        self.hoverslide("run", str(self.work / "large.tif"), *common, *flags)
        command = time.monotonic() - start
        record = json.loads((out / "large" / "run.json").read_text())
        summary = json.loads((out / "large" / "summary.json").read_text())
        wall, area = record["seconds"]["wall"], summary["tissue_area_mm2"]
        table = hashlib.sha256((out / "large" / "nuclei.parquet").read_bytes()).hexdigest()
        return {
            "mm2": area,
            "nuclei": summary["count"],
            "patches": record["patches"],
            "batch": record["options"]["batch"],
            "command_seconds": round(command, 1),
            "seconds": {stage: round(value, 1) for stage, value in record["seconds"].items()},
            "seconds_per_mm2": round(wall / area, 3),
            "patches_per_second": round(record["patches"] / wall, 1),
            "device_busy": round(record["device_busy"], 3),
            "peak_memory_bytes": record["peak_memory_bytes"],
            "table_sha256": table[:16],
        }

    def no_memory(self):
        """A device most of whose memory another process has: the batch is halved with a notice."""
        program = """
import sys, torch
taken = torch.empty(torch.cuda.mem_get_info()[0] - int(3e9), dtype=torch.uint8, device="cuda")
print(torch.cuda.mem_get_info()[0], flush=True)
sys.stdin.read()
"""
        flags = ["--provider", self.provider, "--batch", "256", "-o", str(self.work / "memory")]
        hog = [sys.executable, "-c", program]
        with subprocess.Popen(hog, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
            free = int(other.stdout.readline())
            done = self.run_here([self.node, "bin/hoverslide.cjs", "demo", *flags], 300, check=False)
            other.stdin.close()
        said = [line for line in done.stderr.splitlines() if "memory" in line or line.startswith("hoverslide")]
        return {"free_bytes": free, "exit_code": done.returncode, "said": said}

    def goals(self):
        """What is wanted: at most 1.1 times the bare net's time, a device busy 90 % of it, 0.5 s per mm2."""
        bare = max(self.results["B0 float32, hoverslide"].values())
        whole = self.results["whole slide, B0 float32"]
        return {
            "end to end over bare net": round(bare / whole["patches_per_second"], 3),
            "device busy": whole["device_busy"],
            "seconds per mm2": whole["seconds_per_mm2"],
        }

    def run(self) -> None:
        half, b2, b2_half = (str(self.work / name) for name in ("b0-f16.onnx", "b2.onnx", "b2-f16.onnx"))
        gpu = self.provider != "cpu"
        self.step("machine", self.machine)
        if gpu:
            self.step("provider add", self.add_provider)
            self.step("doctor", self.doctor)
        self.step("B0 float32, hoverslide", lambda: self.hoverslide_net(MODEL))
        self.step("agreement with the CPU, B0 float32", lambda: self.agreement(MODEL))
        self.step("large slide", self.large_slide)
        self.step("whole slide, B0 float32", lambda: self.whole_slide(MODEL))
        self.step("goals", self.goals)
        self.step("ten processes, B0 float32", lambda: self.repeats(MODEL))
        self.step("the same slide again", lambda: self.whole_slide(MODEL))
        self.step("B0 float32, onnxruntime in Python", lambda: self.python_onnxruntime(MODEL))
        for precision in ("float32", "tf32", "float16") if gpu else ("float32",):
            self.step(f"B0 {precision}, PyTorch", lambda precision=precision: self.pytorch("b0", precision))
        self.step("make B0 float16", lambda: self.make_float16(MODEL, "b0-f16.onnx"))
        self.step("B0 float16, hoverslide", lambda: self.hoverslide_net(half))
        self.step("agreement with the CPU, B0 float16", lambda: self.agreement(half))
        self.step("whole slide, B0 float16", lambda: self.whole_slide(half))
        if gpu:
            self.step("B0 float32, hoverslide, two sessions", lambda: self.two_sessions(MODEL))
            self.step("whole slide, B0 float32, two sessions", lambda: self.whole_slide(MODEL, "--device", "0,0"))
            self.step("a device without memory", self.no_memory)
        self.step("make B2", self.make_b2)
        self.step("B2 float32, hoverslide", lambda: self.hoverslide_net(b2))
        self.step("B2 float32, onnxruntime in Python", lambda: self.python_onnxruntime(b2))
        for precision in ("float32", "float16") if gpu else ("float32",):
            self.step(f"B2 {precision}, PyTorch", lambda precision=precision: self.pytorch("b2", precision))
        self.step("make B2 float16", lambda: self.make_float16(b2, "b2-f16.onnx"))
        self.step("B2 float16, hoverslide", lambda: self.hoverslide_net(b2_half))
        self.step("ten processes, B0 float16", lambda: self.repeats(half))
        self.environment["NVIDIA_TF32_OVERRIDE"] = "0"
        self.step("B0 without TF32, hoverslide", lambda: self.hoverslide_net(MODEL))
        self.step("agreement with the CPU, B0 without TF32", lambda: self.agreement(MODEL))
        self.step("ten processes, B0 without TF32", lambda: self.repeats(MODEL))


def nvidia_libraries() -> list[str]:
    """Folders of the CUDA libraries that PyTorch's packages bring along."""
    folders = {path.parent for entry in sys.path for path in Path(entry).glob("nvidia/**/lib*.so.*")}
    return sorted(str(folder) for folder in folders)


def as_markdown(results: dict[str, object]) -> str:
    lines = ["| step | result |", "| --- | --- |"]
    for name, result in results.items():
        flat = isinstance(result, dict) and all(isinstance(value, (int, float)) for value in result.values())
        shown = ", ".join(f"{key}: {value}" for key, value in result.items()) if flat else json.dumps(result)
        lines.append(f"| {name} | {shown} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("pack").add_argument("--piece-mib", type=int, default=44)
    commands.add_parser("unpack")
    run = commands.add_parser("run")
    run.add_argument("--out", type=Path, default=ROOT / "build" / "gpu-results")
    run.add_argument("--provider", default="cuda")
    run.add_argument("--quick", action="store_true", help="small numbers, to try the script")
    run.add_argument("--minutes", type=float, default=float("inf"), help="begin no step after that long")
    run.add_argument("--only", default="", help="steps whose name this regular expression finds")
    args = parser.parse_args()
    if args.command == "pack":
        pack(args.piece_mib)
    elif args.command == "unpack":
        unpack()
    else:
        Bench(args.out, args.provider, args.quick, args.only, args.minutes).run()


if __name__ == "__main__":
    main()
