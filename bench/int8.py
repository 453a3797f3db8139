"""The exported net beside itself in int8: `python int8.py DATA MODEL`.

Makes the int8 file with the `quantize` step. Prints one JSON line: for both files bytes, PQ and F_d on the fields of
validation (mean of the sets) by `reference` and `seamless`, and the best core-seconds for a batch of 16 patches with
one thread and with two, taken in turns.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import onnxruntime

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "pipelines" / "distill"))
from hoverslide_distill.steps.fields import chosen_fields, sample_patches  # noqa: E402
from hoverslide_distill.steps.measure import measure  # noqa: E402
from hoverslide_distill.steps.quantize import quantize  # noqa: E402

BATCH, ROUNDS = 16, 7


def batch_seconds(files: list[Path], threads: int, patches: np.ndarray) -> list[float]:
    sessions = []
    for file in files:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        # Threads that wait must not count as work.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        sessions.append(onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"]))
    best = [float("inf")] * len(files)
    for _ in range(ROUNDS):
        for i, session in enumerate(sessions):
            start = time.process_time()
            session.run(["maps"], {"image": patches})
            best[i] = min(best[i], time.process_time() - start)
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with <set>/train")
    parser.add_argument("model", type=Path, help="ONNX file of `export`")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        files = [args.model, Path(folder, "int8.onnx")]
        shares = quantize(args.model, args.data, files[1])
        patches = sample_patches(args.data, 2 * BATCH)[:BATCH]
        seconds = {threads: batch_seconds(files, threads, patches) for threads in (1, 2)}
        scores = measure(files, chosen_fields(args.data, "validation"), None, "cpu")
        rows = [
            {
                "bytes": file.stat().st_size,
                "scores": {mode: of["mean"] for mode, of in scores[str(file)].items()},
                **{t: s[i] for t, s in seconds.items()},
            }
            for i, file in enumerate(files)
        ]
    print(json.dumps({"shares": shares, "float": rows[0], "int8": rows[1]}))


if __name__ == "__main__":
    main()
