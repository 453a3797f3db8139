"""The command line: one command per step, each of which goes on where a killed one stopped."""

import argparse
import json
import sys
from functools import partial
from pathlib import Path

from .errors import DistillError
from .losses.distillation import Mix
from .models.unet import ENCODERS
from .training.loop import Plan

SYMMETRIES = (1, 2, 4, 8)


def add_plan(parser: argparse.ArgumentParser, lr: float, steps: int) -> None:
    parser.add_argument("--steps", type=int, default=steps, help="optimiser steps, default %(default)s")
    parser.add_argument("--minutes", type=float, default=0, help="stop by the clock, the learning rate falling with it")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--lr", type=float, default=lr)
    parser.add_argument("--lr-floor", type=float, help="least learning rate; default 0, with --authors-form 1e-7")
    parser.add_argument(
        "--encoder-share", type=float, default=1.0, help="the encoder's learning rate over that of the rest"
    )
    parser.add_argument(
        "--betas",
        type=float,
        nargs=2,
        default=(0.9, 0.999),
        help="of Adam; default 0.9 0.999, as HoVer-UNet's code has it; its paper has 0.99 0.9999",
    )
    parser.add_argument("--weight-decay", type=float, help="default 0.01, with --authors-form 0")
    parser.add_argument("--warmup", type=int, default=100, help="steps")
    parser.add_argument("--ema", type=float, default=0.999, help="decay of the averaged weights")
    parser.add_argument("--workers", type=int, default=1, help="processes that make crops")
    parser.add_argument("--look-every", type=int, default=500, help="steps between looks at validation; 0 for none")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--compile", action="store_true", help="torch.compile; worth it on CUDA, slower on CPUs")


def given(value: float | None, default: float) -> float:
    return default if value is None else value


def plan_of(args: argparse.Namespace) -> Plan:
    authors_form = getattr(args, "authors_form", False)
    return Plan(
        steps=args.steps,
        minutes=args.minutes,
        batch=args.batch,
        lr=args.lr,
        lr_floor=given(args.lr_floor, 1e-7 if authors_form else 0.0),
        encoder_share=args.encoder_share,
        betas=tuple(args.betas),
        weight_decay=given(args.weight_decay, 0.0 if authors_form else 0.01),
        warmup_steps=args.warmup,
        ema=args.ema,
        workers=args.workers,
        look_every=args.look_every,
        plateau=getattr(args, "plateau", None),
        clip=0.0 if authors_form else 1.0,
        compile=args.compile,
    )


def class_bias(text: str) -> tuple[str, float]:
    name, _, number = text.partition("=")
    try:
        return name, float(number)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected NAME=NUMBER, found {text}") from None


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

    s = step("classify", run_classify, "classes of nuclei whose label leaves several, by the vote of nets")
    s.add_argument("--store", type=Path, required=True, help="its labels are rewritten")
    s.add_argument("--net", type=Path, action="append", required=True, help="checkpoint or ONNX file; repeatable")

    s = step("student", run_student, "train the U-Net on labels and, with --alpha, on the teacher's maps")
    s.add_argument("--store", type=Path, required=True)
    s.add_argument("--out", type=Path, required=True, help="folder of the run, resumed where it exists")
    s.add_argument("--encoder", choices=ENCODERS, default="b0")
    s.add_argument("--init", type=Path, help="a student's checkpoint to start from")
    s.add_argument("--imagenet", action="store_true", help="start the encoder from ImageNet's weights; lites only")
    s.add_argument(
        "--teacher",
        type=Path,
        help="a student that teaches each crop as it is made; without it --alpha takes the maps of `soften`",
    )
    s.add_argument(
        "--alpha",
        type=float,
        help="weight of the labels beside the teacher; the paper's best is 0.5. Without it: labels alone",
    )
    s.add_argument("--temperature", type=float, help="T; default 1, the paper's best; with --authors-form 3")
    s.add_argument(
        "--alpha-swapped",
        action="store_true",
        help="alpha weighs the teacher, as in the authors' code; in the paper the labels",
    )
    s.add_argument(
        "--t-squared", action="store_true", help="divergence times T squared, as in the authors' code; not in the paper"
    )
    s.add_argument(
        "--authors-form",
        action="store_true",
        help="the loss, the distances and the Adam of HoVer-UNet's code, with --alpha-swapped and --t-squared",
    )
    s.add_argument("--validation", type=Path, help="a store for the looks; all of --store is then trained on")
    s.add_argument(
        "--plateau",
        type=float,
        nargs="?",
        const=1e-4,
        help="the learning rate falls to a tenth after 5 looks without this gain, and the run ends after 10; "
        "default 1e-4, the paper's; HoVer-UNet's code has 1e-3",
    )
    add_plan(s, lr=1e-4, steps=10_000)

    s = step("checkpoint", run_checkpoint, "a run's averaged weights alone, small enough to keep", device=False)
    s.add_argument("--net", type=Path, required=True, help="checkpoint.pt of a run")
    s.add_argument("--mean-with", type=Path, help="a checkpoint with the same encoder: the mean of both is written")
    s.add_argument("--share", type=float, default=0.5, help="of --mean-with in the mean, default %(default)s")
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
    where = s.add_mutually_exclusive_group(required=True)
    where.add_argument("--data", type=Path, help="folder with <set>/train")
    where.add_argument("--store", type=Path, help="a store, all of which is measured on, as PanNuke's folds are")
    s.add_argument("--fields", choices=["validation", "training", "consep-test"], default="validation")
    s.add_argument(
        "--net",
        type=Path,
        action="append",
        required=True,
        help="checkpoint (also a teacher's) or ONNX file; repeatable",
    )
    s.add_argument("--seamless", type=Path, help="JSON of `calibrate` for nets without a card")
    s.add_argument(
        "--symmetry", type=int, choices=SYMMETRIES, default=1, help="average over so many flips and turns of each patch"
    )
    s.add_argument("--out", type=Path, help="JSON file of the measures")

    s = step("export", run_export, "a student or a HoVer-Net as one ONNX file with its card", device=False)
    s.add_argument("--net", type=Path, required=True, help="checkpoint")
    s.add_argument("--seamless", type=Path, help="JSON of `calibrate`; without it the card has no constants yet")
    s.add_argument("--data", type=Path, required=True, help="folder with <set>/train, for the check on real patches")
    s.add_argument("--name", required=True)
    s.add_argument("--version", required=True)
    s.add_argument("--training", help="what it was trained on, from what start, for how long; imported nets say it")
    s.add_argument("--licence", help="of the weights; default: what `import` was told, or that of our training data")
    s.add_argument("--limits", help="what it cannot do; default as for --licence")
    s.add_argument("--measures", type=Path, help="JSON for the card, set of fields to measures")
    s.add_argument("--quality", type=Path, help="JSON for the card, bounds beyond which a nucleus is set aside")
    s.add_argument(
        "--class-bias",
        type=class_bias,
        action="append",
        default=[],
        metavar="NAME=NUMBER",
        help="add to the logit of a class, for instance what validation chose; repeatable",
    )
    s.add_argument("--out", type=Path, required=True)

    s = step("quantize", run_quantize, "an exported file, most of it in int8, faster on CPUs", device=False)
    s.add_argument("--net", type=Path, required=True, help="ONNX file of `export`")
    s.add_argument("--data", type=Path, required=True, help="folder with <set>/train, to calibrate and to check on")
    s.add_argument("--out", type=Path, required=True)

    s = step("float16", run_float16, "an exported file with float16 arithmetic, faster on GPUs", device=False)
    s.add_argument("--net", type=Path, required=True, help="ONNX file of `export`")
    s.add_argument("--data", type=Path, required=True, help="folder with <set>/train, for the check on real patches")
    s.add_argument("--out", type=Path, required=True)

    s = step("import", run_import, "a checkpoint of other hands as one of ours: HoVer-UNet, HoVer-Net", device=False)
    s.add_argument(
        "source", type=Path, help="of HoVer-UNet's authors, segmentation_models_pytorch, hover_net, TIAToolbox"
    )
    s.add_argument("--out", type=Path, required=True)
    s.add_argument(
        "--classes", help="pannuke, consep, monusac, none, or a JSON file; default: pannuke of six, else none"
    )
    s.add_argument("--mpp", type=float, default=0.25, help="um per pixel that it was trained at, default %(default)s")
    s.add_argument("--training", help="what it was trained on; default: the file's name and hash")
    s.add_argument("--licence", help="of the weights; default: not stated")
    s.add_argument("--limits", help="what it cannot do; default: not stated")

    s = step("wrap", run_wrap, "any net with np, hv and perhaps type maps as one ONNX file with its card", device=False)
    s.add_argument("source", type=Path, help="net.onnx (weights may lie beside it), net.pt2 or net.ts")
    s.add_argument("--spec", required=True, help="what it takes and gives: a JSON file, or the name of a shipped one")
    s.add_argument("--data", type=Path, required=True, help="folder with <set>/train, for the check on real patches")
    s.add_argument("--half-weights", action="store_true", help="store weights in float16, for nets over 2 GB")
    s.add_argument("--out", type=Path, required=True)

    s = step("recipe", run_recipe, "the commands by which a paper is repeated; they are printed, not run", device=False)
    s.add_argument("paper", choices=["paper"], help="HoVer-UNet's, on PanNuke's three splits")
    s.add_argument("--pannuke", type=Path, required=True, help="folder with Fold1, Fold2, Fold3")
    s.add_argument("--teacher", type=Path, required=True, help="hover_net's checkpoint for PanNuke")
    s.add_argument("--work", type=Path, required=True, help="folder for what is made")
    s.add_argument("--start", type=Path, help="a U-Net whose encoder has ImageNet's weights, from which students start")
    s.add_argument("--encoder", choices=ENCODERS, default="b2")
    s.add_argument("--batch", type=int, default=64)
    s.add_argument("--steps", type=int, help="at most; default: 240 epochs")
    s.add_argument("--workers", type=int, default=8)
    s.add_argument("--device", help="cpu, cuda, ...")
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


def run_classify(args: argparse.Namespace) -> None:
    from .steps.classify import classify

    classify(args.store, args.net, args.device)


def run_student(args: argparse.Namespace) -> None:
    from .steps.student import start_model, train_student

    authors = args.authors_form
    temperature = given(args.temperature, 3.0 if authors else 1.0)
    swapped, squared = args.alpha_swapped or authors, args.t_squared or authors
    if args.teacher and args.alpha is None:
        raise DistillError("--teacher: expected --alpha too, the weight of the labels beside it")
    mix = None if args.alpha is None else Mix(args.alpha, temperature, swapped, squared)
    model = start_model(args.encoder, args.init, args.imagenet)
    train_student(
        args.store,
        args.out,
        model,
        mix,
        plan_of(args),
        args.seed,
        args.device,
        validation_store=args.validation,
        authors_form=authors,
        teacher=args.teacher,
    )


def run_checkpoint(args: argparse.Namespace) -> None:
    from .steps.checkpoint import shrink_checkpoint

    print(json.dumps(shrink_checkpoint(args.net, args.out, args.mean_with, args.share)))


def run_calibrate(args: argparse.Namespace) -> None:
    from .steps.calibrate import calibrate_net

    calibrate_net(args.net, args.data, args.out, args.fields, args.scale, args.device)


def run_measure(args: argparse.Namespace) -> None:
    from .steps.fields import chosen_fields, stored_fields
    from .steps.measure import measure

    fields = stored_fields(args.store) if args.store else chosen_fields(args.data, args.fields)
    scores = measure(args.net, fields, args.seamless, args.device, args.symmetry)
    text = json.dumps(scores, indent=1)
    print(text)
    if args.out:
        args.out.write_text(text + "\n")


def run_export(args: argparse.Namespace) -> None:
    from .steps.calibrate import read_ranges
    from .steps.export import PATCHES_CHECKED, export, provenance_of
    from .steps.fields import sample_patches

    measures = json.loads(args.measures.read_text()) if args.measures else None
    quality = json.loads(args.quality.read_text()) if args.quality else None
    said = {"licence": args.licence, "limits": args.limits, "measures": measures, "quality": quality}
    provenance = provenance_of(args.net, args.name, args.version, args.training, **said)
    ranges = read_ranges(args.seamless) if args.seamless else None
    patches = partial(sample_patches, args.data, PATCHES_CHECKED)
    print(json.dumps(export(args.net, args.out, ranges, provenance, patches, dict(args.class_bias))))


def run_quantize(args: argparse.Namespace) -> None:
    from .steps.quantize import quantize

    print(json.dumps(quantize(args.net, args.data, args.out)))


def run_float16(args: argparse.Namespace) -> None:
    from .steps.export import PATCHES_CHECKED
    from .steps.fields import sample_patches
    from .steps.float16 import to_float16

    print(json.dumps(to_float16(args.net, args.out, partial(sample_patches, args.data, PATCHES_CHECKED))))


def run_import(args: argparse.Namespace) -> None:
    from .data.classes import read_classes, with_first
    from .steps.import_checkpoint import import_checkpoint

    classes = read_classes(args.classes) if args.classes else None
    said = {"training": args.training, "licence": args.licence, "limits": args.limits, "mpp": args.mpp}
    kind, about = import_checkpoint(args.source, args.out, classes, **said)
    names = ", ".join(entry.name for entry in with_first(about.classes))
    print(f"{args.out}: {kind}; {about.mpp} um/px; classes: {names}; licence: {about.licence}")


def run_wrap(args: argparse.Namespace) -> None:
    from .steps.fields import sample_patches
    from .steps.wrap import wrap
    from .wrapping.spec import read_spec

    patches = partial(sample_patches, args.data)
    print(json.dumps(wrap(args.source, read_spec(args.spec), args.out, patches, args.half_weights)))


def run_recipe(args: argparse.Namespace) -> None:
    from .steps.recipe import Settings, as_text, paper

    settings = Settings(args.encoder, args.batch, args.steps, args.workers, args.device)
    print(as_text(paper(args.pannuke, args.work, args.teacher, args.start, settings)))


def main(argv: list[str] | None = None) -> int:
    args = build_parser().parse_args(argv)
    try:
        args.run(args)
    except DistillError as error:
        print(f"hoverslide_distill: {error}", file=sys.stderr)
        return 1
    return 0
