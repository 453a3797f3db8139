"""Writes goldens.json: a small pattern of nuclei and its features as NumPy, SciPy, esda and spatstat compute them.

Needs numpy, scipy, esda, libpysal and Rscript with spatstat.explore; the tests need only the file:
python test/features/goldens.py
"""

import json
import subprocess
import tempfile
import warnings
from pathlib import Path

import numpy as np
from esda import G_Local, Moran
from libpysal.weights import lat2W
from scipy.spatial import cKDTree
from scipy.stats import entropy

WIDTH, HEIGHT, EDGE = 1500.0, 1250.0, 700.0
ROLES = ["tumour", "epithelial", "immune", "stromal", "dead", "other"]
here = Path(__file__).parent


def pattern(rng):
    """Tumour nuclei on the left, immune ones in clusters along the edge and beyond, stromal ones anywhere."""
    tumour = rng.uniform([0, 0], [EDGE, HEIGHT], (420, 2))
    near = rng.uniform([EDGE - 500, 0], [EDGE, HEIGHT / 2], (9, 2))
    centres = np.vstack([near, rng.uniform([EDGE, 0], [WIDTH, HEIGHT], (5, 2))])
    immune = rng.normal(np.repeat(centres, 22, axis=0), 35)
    stromal = rng.uniform([0, 0], [WIDTH, HEIGHT], (420, 2))
    dead = rng.uniform([0, 0], [EDGE, HEIGHT], (15, 2))
    points = np.round(np.clip(np.vstack([tumour, immune, stromal, dead]), 0.5, [WIDTH - 0.5, HEIGHT - 0.5]), 3)
    role = np.repeat([0, 2, 3, 4], [len(tumour), len(immune), len(stromal), len(dead)])
    order = rng.permutation(len(role))
    return points[order], role[order]


def main():
    rng = np.random.default_rng(19)
    xy, role = pattern(rng)
    n = len(role)
    measures = {
        "area_um2": np.round(rng.lognormal(np.choose(role, [4, 4, 3, 3.5, 3, 3]), 0.3), 3),
        "eccentricity": np.round(rng.beta(6, 3, n), 4),
        "circularity": np.round(rng.beta(9, 2, n), 4),
        "solidity": np.round(rng.beta(30, 2, n), 4),
        "hematoxylin_od_mean": np.round(rng.gamma(20, 0.03, n), 4),
    }
    alignment = np.round(rng.uniform(0, 1, n), 4)
    share = np.round(rng.uniform(0.3, 1, n), 4)
    tumour, immune, stromal = (role == r for r in (0, 2, 3))
    trees = {name: cKDTree(xy[role == r]) for r, name in enumerate(ROLES) if (role == r).any()}

    def nearest(of, to):
        found, _ = trees[to].query(xy[of], k=2)
        own = np.array([ROLES[r] == to for r in role[of]])
        return np.where(own, found[:, 1], found[:, 0])

    def counted(of, to, radius):
        return trees[ROLES[of]].count_neighbors(trees[ROLES[to]], radius) - (n_of(of) if of == to else 0)

    def n_of(r):
        return int((role == r).sum())

    f = {"n_all": n, "tissue": WIDTH * HEIGHT / 1e6}
    for r, name in enumerate(ROLES[:5]):
        f[f"n_{name}"] = n_of(r)
        f[f"density_{name}_per_mm2"] = n_of(r) / f["tissue"]
        f[f"fraction_{name}"] = n_of(r) / n
    f["density_all_per_mm2"] = n / f["tissue"]
    for a, b in ((0, 3), (0, 2), (2, 3)):
        f[f"log2_{ROLES[a]}_to_{ROLES[b]}"] = np.log2((n_of(a) + 0.5) / (n_of(b) + 0.5))
    beyond = (xy[:, 0] >= EDGE) & (xy[:, 0] <= EDGE + 500)
    f["immune_share_of_associated_stroma"] = (immune & beyond).sum() / ((immune | stromal) & beyond).sum()
    f["shannon_classes"] = entropy(np.unique(role, return_counts=True)[1])
    f["dead_per_1000_tumour"] = 1000 * n_of(4) / n_of(0)

    area, od = measures["area_um2"], measures["hematoxylin_od_mean"]
    q25, q50, q75, q90 = np.quantile(area[tumour], [0.25, 0.5, 0.75, 0.9])
    f["tumour_area_median_um2"] = q50
    f["tumour_area_cv"] = area[tumour].std(ddof=1) / area[tumour].mean()
    f["tumour_area_iqr_ratio"] = (q75 - q25) / q50
    f["tumour_area_p90_to_p50"] = q90 / q50
    f["tumour_to_immune_area"] = q50 / np.median(area[immune])
    f["tumour_eccentricity_median"] = np.median(measures["eccentricity"][tumour])
    f["tumour_circularity_median"] = np.median(measures["circularity"][tumour])
    f["tumour_circularity_iqr"] = np.subtract(*np.quantile(measures["circularity"][tumour], [0.75, 0.25]))
    f["tumour_solidity_p10"] = np.quantile(measures["solidity"][tumour], 0.1)
    f["tumour_hematoxylin_od_median"] = np.median(od[tumour])
    f["tumour_hematoxylin_od_cv"] = od[tumour].std(ddof=1) / od[tumour].mean()
    f["tumour_to_immune_hematoxylin"] = np.median(od[tumour]) / np.median(od[immune])
    f["immune_area_median_um2"] = np.median(area[immune])
    f["stromal_alignment_50um"] = alignment[stromal].mean()
    f["stromal_eccentricity_median"] = np.median(measures["eccentricity"][stromal])

    columns, rows = int(WIDTH // 250), int(HEIGHT // 250)

    def tiles(chosen):
        edges = [np.arange(rows + 1) * 250, np.arange(columns + 1) * 250]
        return np.histogram2d(xy[chosen, 1], xy[chosen, 0], edges)[0].ravel()

    per = {name: tiles(chosen) for name, chosen in (("all", tumour | True), ("tumour", tumour), ("immune", immune))}
    density = {name: counts / 0.0625 for name, counts in per.items()}
    for name, column in (("all", "density_cv"), ("tumour", "tumour_density_cv"), ("immune", "immune_density_cv")):
        f[column] = density[name].std(ddof=1) / density[name].mean()
    d = density["immune"]
    f["immune_density_p90_per_mm2"] = np.quantile(d, 0.9)
    f["immune_density_gini"] = np.abs(d[:, None] - d).sum() / (2 * d.size**2 * d.mean())
    queen = lat2W(rows, columns, rook=False)
    f["immune_moran"] = Moran(d, queen, transformation="r", permutations=0).I
    t, i = per["tumour"], per["immune"]
    f["morisita_horn_tumour_immune"] = (
        2 * (t * i).sum() / (((t**2).sum() / t.sum() ** 2 + (i**2).sum() / i.sum() ** 2) * t.sum() * i.sum())
    )
    hot = {}
    for name in ("immune", "tumour"):
        g = G_Local(density[name], lat2W(rows, columns, rook=False), transform="B", star=True, permutations=0)
        hot[name] = g.Zs > 1.96
        f[f"gi_star_{name}"] = g.Zs.tolist()
        f[f"{name}_hotspot_fraction"] = hot[name].mean()
    both = (hot["immune"] & hot["tumour"]).sum()
    f["cohotspot_of_immune"] = both / hot["immune"].sum()
    f["cohotspot_of_tumour"] = both / hot["tumour"].sum()

    for a, b in ((0, 2), (2, 0), (0, 3), (3, 2), (0, 0)):
        # Distances are kept as 32-bit floats, and counted in steps of 0.01 um.
        steps = np.floor(nearest(role == a, ROLES[b]).astype(np.float32).astype(float) * 100 + 0.5)
        f[f"nn_{ROLES[a]}_to_{ROLES[b]}_median_um"] = np.median(steps) / 100
    f["immune_within_20um_of_tumour_fraction"] = (nearest(immune, "tumour").astype(np.float32) <= 20).mean()
    f["isolated_tumour_fraction"] = (nearest(tumour, "tumour").astype(np.float32) > 30).mean()
    for radius in (20, 100):
        everything = cKDTree(xy).count_neighbors(cKDTree(xy), radius) - n
        for a, b in ((0, 2), (0, 3), (2, 2)):
            pairs = counted(a, b, radius)
            expected = everything * n_of(a) * (n_of(b) - (a == b)) / (n * (n - 1))
            f[f"pairs_{ROLES[a]}_{ROLES[b]}_{radius}um"] = np.log2((pairs + 0.5) / (expected + 0.5))

    inside, around = immune & (xy[:, 0] < EDGE), immune & (xy[:, 0] >= EDGE) & (xy[:, 0] <= EDGE + 100)
    tumour_mm2, ring_mm2 = EDGE * HEIGHT / 1e6, 100 * HEIGHT / 1e6
    f["tumour_area_mm2"] = tumour_mm2
    f["tumour_fraction"] = tumour_mm2 / f["tissue"]
    f["interface_mm_per_mm2"] = HEIGHT / 1000 / tumour_mm2
    f["immune_intratumoural_per_mm2"] = inside.sum() / tumour_mm2
    f["immune_peritumoural_per_mm2"] = around.sum() / ring_mm2
    f["immune_associated_stroma_per_mm2"] = (immune & beyond).sum() / (500 * HEIGHT / 1e6)
    f["log2_infiltration"] = np.log2((inside.sum() + 0.5) / tumour_mm2 / ((around.sum() + 0.5) / ring_mm2))
    f["immune_deep_fraction"] = (immune & (xy[:, 0] < EDGE - 100)).sum() / inside.sum()
    f["immune_front_per_mm"] = (immune & (np.abs(xy[:, 0] - EDGE) <= 100)).sum() / (HEIGHT / 1000)
    left = np.arange(columns * rows) % columns < 3
    f["immune_desert_fraction"] = (d[left] < 50).mean()

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "points.csv")
        lines = [f"{x},{y},{ROLES[r]}" for (x, y), r in zip(xy, role, strict=True)]
        path.write_text("\n".join(["x,y,role", *lines]) + "\n")
        script = ["Rscript", str(here / "goldens.R"), str(path), str(WIDTH), str(HEIGHT)]
        spatstat = json.loads(
            subprocess.run(script, check=True, capture_output=True, text=True).stdout.splitlines()[-1]
        )
    f["gcross_tumour_immune_mean50"] = spatstat["gcross"]
    f["lcross_tumour_immune_50um"] = np.sqrt(spatstat["kcross50"] / np.pi) - 50

    points = {"x": xy[:, 0], "y": xy[:, 1], "role": role, "class_share": share, "alignment_50um": alignment, **measures}
    content = {
        "width": WIDTH,
        "height": HEIGHT,
        "edge": EDGE,
        "nuclei": {name: values.tolist() for name, values in points.items()},
        "kcross50": spatstat["kcross50"],
        "features": {name: value if isinstance(value, list) else float(value) for name, value in f.items()},
    }
    (here / "goldens.json").write_text(json.dumps(content, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    main()
