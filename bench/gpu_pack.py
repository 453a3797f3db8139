"""`pack` and `unpack` of gpu.py: all that the benchmark on a GPU needs, in pieces that can be carried one by one."""

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PIECES = ROOT / "build" / "gpu"
PLACE = Path(os.environ.get("HOVERSLIDE_GPU_PLACE", "/tmp/hoverslide-gpu"))
WHEEL = "onnxruntime-gpu==1.30.0"
PYTHON = ["--python-version", "3.12", "--implementation", "cp", "--abi", "cp312"]
PLATFORM = ["--platform", "manylinux_2_28_x86_64"]


def pack(piece_mib: int) -> None:
    shutil.rmtree(PIECES, ignore_errors=True)
    PIECES.mkdir(parents=True)
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", *PYTHON, *PLATFORM]
    subprocess.run([*pip, "--dest", str(PIECES), WHEEL], check=True)
    (wheel,) = PIECES.glob("*.whl")
    runtime = PIECES / "runtime.tar.xz"
    with tarfile.open(runtime, "w:xz", preset=1) as tar:
        tar.add(shutil.which("node"), "node")
        for name in ("package.json", "bin", "dist", "models", "mappings", "samples", ".cache/openslide"):
            tar.add(ROOT / name, f"hoverslide/{name}")
        tar.add(ROOT / "build/Release/hoverslide.node", "hoverslide/build/Release/hoverslide.node")
        tar.add(ROOT / "pipelines/distill", "hoverslide/pipelines/distill")
        for folder in production_packages():
            tar.add(folder, f"hoverslide/{folder.relative_to(ROOT)}", filter=without_other_machines)
    whole = PIECES / "whole.tar"
    with tarfile.open(whole, "w") as tar:
        tar.add(runtime, runtime.name)
        tar.add(wheel, wheel.name)
    data, size = whole.read_bytes(), piece_mib << 20
    parts = [data[start : start + size] for start in range(0, len(data), size)]
    for path in (whole, runtime, wheel):
        path.unlink()
    for number, part in enumerate(parts, 1):
        digest = hashlib.sha256(part).hexdigest()[:12]
        (PIECES / f"{number:02}-of-{len(parts):02}.{digest}").write_bytes(part)
    print(f"{len(parts)} pieces, {len(data) / 2**20:.0f} MiB, in {PIECES}")


def production_packages() -> list[Path]:
    listed = subprocess.run(
        ["npm", "ls", "--omit=dev", "--all", "--parseable"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    folders = [Path(line) for line in listed.stdout.split() if line != str(ROOT)]
    skip = ("node-addon-api", "node-api-headers")
    modules = ROOT / "node_modules"  # what lies deeper comes along with its parent
    return [f for f in folders if modules in (f.parent, f.parent.parent) and f.is_dir() and f.name not in skip]


def without_other_machines(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    other = ("/napi-v6/darwin", "/napi-v6/win32", "/napi-v6/linux/arm64")
    return None if any(part in entry.name for part in other) else entry


def unpack() -> None:
    pieces = sorted(PIECES.glob("[0-9][0-9]-of-[0-9][0-9].*"))
    count = int(pieces[0].name[6:8]) if pieces else 0
    found = {int(piece.name[:2]) for piece in pieces}
    missing = sorted(set(range(1, count + 1)) - found)
    if missing or not pieces:
        sys.exit(f"{PIECES}: expected pieces 1 to {count or '?'}, missing {missing or 'all'}")
    for piece in pieces:
        if hashlib.sha256(piece.read_bytes()).hexdigest()[:12] != piece.name.split(".")[1]:
            sys.exit(f"{piece}: not whole")
    shutil.rmtree(PLACE, ignore_errors=True)
    PLACE.mkdir(parents=True)
    whole = PLACE / "whole.tar"
    with whole.open("wb") as target:
        for piece in pieces:
            target.write(piece.read_bytes())
    with tarfile.open(whole) as tar:
        tar.extractall(PLACE, filter="data")
    whole.unlink()
    runtime = PLACE / "runtime.tar.xz"
    with tarfile.open(runtime) as tar:
        tar.extractall(PLACE, filter="tar")
    runtime.unlink()
    (wheel,) = PLACE.glob("*.whl")
    # onnxruntime-gpu for Python, ahead of the one that is installed.
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-compile"]
    subprocess.run([*pip, "--target", str(PLACE / "python"), str(wheel)], check=False)
    print(f"unpacked into {PLACE}")
