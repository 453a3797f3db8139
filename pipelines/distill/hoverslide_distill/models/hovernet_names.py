"""Parameter names of vqdang/hover_net (and TIAToolbox, which took them over) as ours."""

import re

UNITS = {"preact/bn": 0, "conv1": 2, "conv1/bn": 3, "conv2": 5, "conv2/bn": 6, "conv3": 8}
"""Layers of a residual unit; the first unit of a stage has no pre-activation."""
DENSE_UNITS = {"preact_bna/bn": 0, "conv1": 2, "conv1/bn": 3, "conv2": 5}
BRANCHES = {"np": 0, "hv": 1, "tp": 2}
STAGES = {"u3": "up3", "u2": "up2"}
UNUSED = "upsample2x.unpool_mat"
"""Ones, by which hover_net doubles a map."""

FIXED = [
    (r"conv0\./", "stem.0"),
    (r"conv0\.bn", "stem.1"),
    (r"conv_bot", "bottom"),
    (r"d(\d)\.shortcut", r"stages.\1.shortcut"),
    (r"d(\d)\.blk_bna\.bn", r"stages.\1.last.0"),
]


def hovernet_name(theirs: str) -> str | None:
    """Our name of a hover_net tensor; None where there is none."""
    layer, _, kind = theirs.rpartition(".")
    ours = layer_name(layer)
    return f"{ours}.{kind}" if ours else None


def layer_name(layer: str) -> str | None:
    for pattern, name in FIXED:
        if match := re.fullmatch(pattern, layer):
            return match.expand(name)
    if match := re.fullmatch(r"d(\d)\.units\.(\d+)\.([\w/]+)", layer):
        stage, unit, part = match.groups()
        if part in UNITS:
            return f"stages.{stage}.units.{unit}.{UNITS[part] - (2 if unit == '0' else 0)}"
    if match := re.fullmatch(r"decoder\.(\w+)\.(.+)", layer):
        branch, rest = match.groups()
        if branch in BRANCHES and (name := branch_layer_name(rest)):
            return f"branches.{BRANCHES[branch]}.{name}"
    return None


def branch_layer_name(layer: str) -> str | None:
    fixed = {"u1.conva": "up1", "u0.bn": "head.0", "u0.conv": "head.2"}
    if layer in fixed:
        return fixed[layer]
    if match := re.fullmatch(r"(u[32])\.(conva|convf|dense\.blk_bna\.bn)", layer):
        part = {"conva": "0", "convf": "2"}.get(match[2], "1.last.0")
        return f"{STAGES[match[1]]}.{part}"
    if match := re.fullmatch(r"(u[32])\.dense\.units\.(\d+)\.([\w/]+)", layer):
        part = DENSE_UNITS.get(match[3])
        return None if part is None else f"{STAGES[match[1]]}.1.units.{match[2]}.{part}"
    return None
