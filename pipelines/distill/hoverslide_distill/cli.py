"""The command line: one command per step, each of which goes on where a killed one stopped."""

import argparse
import json
import sys
from pathlib import Path

from .errors import DistillError
from .losses.distillation import Mix
from .models.unet import ENCODERS
from .training.loop import Plan


def add_plan(parser: argparse.ArgumentParser, lr: float, steps: int) -> None:
    parser.add_argument("--steps", type=int, default=steps, help="optimiser steps, default %(default)s")
    parser.add_argument("--minutes", type=float, default=0, help="stop by the clock, the learning rate falling with it")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--lr", type=float, default=lr)
    parser.add_argument(
        "--lr-floor", type=float, default=0.0, help="last learning rate; HoVer-UNet's code stops at 1e-7"
    )
    parser.add_argument(
        "--encoder-share", type=float, default=1.0, help="the encoder's learning rate over that of the rest"
    )
    parser.add_argument(
        "--betas",
        type=float,
        nargs=2,
        default=(0.9, 0.999),
        help="of Adam; default 0.9 0.999, as HoVer-UNet's code has it",
    )
    parser.add_argument("--weight-decay", type=float, default=0.01)
    parser.add_argument("--warmup", type=int, default=100, help="steps")
    parser.add_argument("--ema", type=float, default=0.999, help="decay of the averaged weights")
    parser.add_argument("--workers", type=int, default=1, help="processes that make crops")
    parser.add_argument("--look-every", type=int, default=500, help="steps between looks at validation; 0 for none")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--compile", action="store_true", help="torch.compile; worth it on CUDA, slower on CPUs")


def plan_of(args: argparse.Namespace) -> Plan:
    return Plan(
        steps=args.steps,
        minutes=args.minutes,
        batch=args.batch,
        lr=args.lr,
        lr_floor=args.lr_floor,
        encoder_share=args.encoder_share,
        betas=tuple(args.betas),
        weight_decay=args.weight_decay,
        warmup_steps=args.warmup,
        ema=args.ema,
        workers=args.workers,
        look_every=args.look_every,
        compile=args.compile,
    )


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="hoverslide_distill", description=__doc__)
    steps = parser.add_subparsers(dest="step", required=True)

    def step(name: str, run, help: str, device: bool = True) -> argparse.ArgumentParser:
        sub = steps.add_parser(name, help=help)
        sub.set_defaults(run=run)
        if device:
            sub.add_argument("--device", help="cpu, cuda, ...; default: cuda where there is one")
        return sub

    s = step("prepare", run_prepare, "bring labelled fields into a store", device=False)
    s.add_argument("--form", choices=["packs", "pannuke", "consep-mat", "lizard-mat"], default="packs")
    s.add_argument("--data", type=Path, required=True, help="folder of the data set(s)")
    s.add_argument("--store", type=Path, required=True)

    s = step("teacher", run_teacher, "train HoVer-Net (fast mode) on labels")
    s.add_argument("--store", type=Path, required=True)
    s.add_argument("--out", type=Path, required=True, help="folder of the run, resumed where it exists")
    s.add_argument("--init", type=Path, help="a teacher's checkpoint to start from")
    add_plan(s, lr=1e-4, steps=10_000)

    s = step("soften", run_soften, "the teacher's maps of every training field")
    s.add_argument("--store", type=Path, required=True)
    s.add_argument("--teacher", type=Path, required=True, help="checkpoint.pt of `teacher`, or of a `student`")
    s.add_argument("--batch", type=int, default=16)

    s = step("student", run_student, "train the U-Net on labels and, with --alpha, on the teacher's maps")
    s.add_argument("--store", type=Path, required=True)
    s.add_argument("--out", type=Path, required=True, help="folder of the run, resumed where it exists")
    s.add_argument("--encoder", choices=ENCODERS, default="b0")
    s.add_argument("--init", type=Path, help="a student's checkpoint to start from")
    s.add_argument("--imagenet", action="store_true", help="start the encoder from ImageNet's weights; lite0 only")
    s.add_argument(
        "--alpha",
        type=float,
        help="weight of the labels beside the teacher; the paper's best is 0.5. Without it: labels alone",
    )
    s.add_argument(
        "--temperature", type=float, default=1.0, help="T; the paper's best is 1, the authors' code defaults to 3"
    )
    s.add_argument(
        "--alpha-swapped",
        action="store_true",
        help="alpha weighs the teacher, as in the authors' code; in the paper the labels",
    )
    s.add_argument(
        "--t-squared", action="store_true", help="divergence times T squared, as in the authors' code; not in the paper"
    )
    add_plan(s, lr=1e-4, steps=10_000)

    s = step("checkpoint", run_checkpoint, "a run's averaged weights alone, small enough to keep", device=False)
    s.add_argument("--net", type=Path, required=True, help="checkpoint.pt of a run")
    s.add_argument("--out", type=Path, required=True)

    s = step("calibrate", run_calibrate, "the four constants of `seamless`, by search on training fields")
    s.add_argument("--data", type=Path, required=True, help="folder with <set>/train")
    s.add_argument("--net", type=Path, required=True, help="checkpoint or ONNX file")
    s.add_argument("--out", type=Path, required=True, help="JSON file of the constants")

    s.add_argument("--fields", type=int, help="use the first so many fields, for the sake of time; default all")
    s.add_argument(
        "--scale", type=float, help="share of the median ranges to take, for instance one that validation chose"
    )

    s = step("measure", run_measure, "dice, PQ, F_d of nets in one run, `reference` and `seamless`")
    s.add_argument("--data", type=Path, required=True, help="folder with consep")
    s.add_argument("--fields", choices=["validation", "training", "consep-test"], default="validation")
    s.add_argument(
        "--net",
        type=Path,
        action="append",
        required=True,
        help="checkpoint (also a teacher's) or ONNX file; repeatable",
    )
    s.add_argument("--seamless", type=Path, help="JSON of `calibrate` for nets without a card")
    s.add_argument("--out", type=Path, help="JSON file of the measures")

    s = step("export", run_export, "a student as one ONNX file with its card", device=False)
    s.add_argument("--net", type=Path, required=True, help="checkpoint")
    s.add_argument("--seamless", type=Path, required=True, help="JSON of `calibrate`")
    s.add_argument("--data", type=Path, required=True, help="folder with <set>/train, for the check on real patches")
    s.add_argument("--name", required=True)
    s.add_argument("--version", required=True)
    s.add_argument("--training", required=True, help="what it was trained on, from what start, for how long")
    s.add_argument("--measures", type=Path, help="JSON for the card, set of fields to measures")
    s.add_argument("--quality", type=Path, help="JSON for the card, bounds beyond which a nucleus is set aside")
    s.add_argument("--out", type=Path, required=True)

    s = step("quantize", run_quantize, "an exported file with the decoder in int8, faster on CPUs", device=False)
    s.add_argument("--net", type=Path, required=True, help="ONNX file of `export`")
    s.add_argument("--data", type=Path, required=True, help="folder with <set>/train, to calibrate and to check on")
    s.add_argument("--out", type=Path, required=True)

    s = step("float16", run_float16, "an exported file with float16 arithmetic, faster on GPUs", device=False)
    s.add_argument("--net", type=Path, required=True, help="ONNX file of `export`")
    s.add_argument("--data", type=Path, required=True, help="folder with <set>/train, for the check on real patches")
    s.add_argument("--out", type=Path, required=True)

    s = step(
        "import",
        run_import,
        "a HoVer-UNet checkpoint (segmentation_models_pytorch's names) as one of ours",
        device=False,
    )
    s.add_argument("source", type=Path)
    s.add_argument("--out", type=Path, required=True)
    return parser


def run_prepare(args: argparse.Namespace) -> None:
    from .steps.prepare import prepare

    prepare(args.form, args.data, args.store)


def run_teacher(args: argparse.Namespace) -> None:
    from .steps.teacher import train_teacher

    train_teacher(args.store, args.out, args.init, plan_of(args), args.seed, args.device)


def run_soften(args: argparse.Namespace) -> None:
    from .steps.soften import soften

    soften(args.store, args.teacher, args.batch, args.device)


def run_student(args: argparse.Namespace) -> None:
    from .steps.student import start_model, train_student

    mix = None if args.alpha is None else Mix(args.alpha, args.temperature, args.alpha_swapped, args.t_squared)
    model = start_model(args.encoder, args.init, args.imagenet)
    train_student(args.store, args.out, model, mix, plan_of(args), args.seed, args.device)


def run_checkpoint(args: argparse.Namespace) -> None:
    from .steps.checkpoint import shrink_checkpoint

    print(json.dumps(shrink_checkpoint(args.net, args.out)))


def run_calibrate(args: argparse.Namespace) -> None:
    from .steps.calibrate import calibrate_net

    calibrate_net(args.net, args.data, args.out, args.fields, args.scale, args.device)


def run_measure(args: argparse.Namespace) -> None:
    from .steps.measure import measure

    scores = measure(args.net, args.data, args.fields, args.seamless, args.device)
    text = json.dumps(scores, indent=1)
    print(text)
    if args.out:
        args.out.write_text(text + "\n")


def run_export(args: argparse.Namespace) -> None:
    from .steps.calibrate import read_ranges
    from .steps.card import Provenance
    from .steps.export import PATCHES_CHECKED, export
    from .steps.fields import sample_patches

    measures = json.loads(args.measures.read_text()) if args.measures else {}
    quality = json.loads(args.quality.read_text()) if args.quality else {}
    provenance = Provenance(args.name, args.version, args.training, measures=measures, quality=quality)
    agreement = export(
        args.net, args.out, read_ranges(args.seamless), provenance, sample_patches(args.data, PATCHES_CHECKED)
    )
    print(json.dumps(agreement))


def run_quantize(args: argparse.Namespace) -> None:
    from .steps.quantize import quantize

    print(json.dumps(quantize(args.net, args.data, args.out)))


def run_float16(args: argparse.Namespace) -> None:
    from .steps.export import PATCHES_CHECKED
    from .steps.fields import sample_patches
    from .steps.float16 import to_float16

    print(json.dumps(to_float16(args.net, args.out, sample_patches(args.data, PATCHES_CHECKED))))


def run_import(args: argparse.Namespace) -> None:
    from .steps.import_checkpoint import import_checkpoint

    print(f"{args.out}: U-Net with MiT-{import_checkpoint(args.source, args.out).upper()}")


def main(argv: list[str] | None = None) -> int:
    args = build_parser().parse_args(argv)
    try:
        args.run(args)
    except DistillError as error:
        print(f"hoverslide_distill: {error}", file=sys.stderr)
        return 1
    return 0
