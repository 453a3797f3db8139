"""Writes goldens.json: a small pattern of nuclei, and what SciPy, scikit-learn and spatstat say is around them.

Needs numpy, scipy, scikit-learn and Rscript with spatstat.explore; the tests need only the file:
python test/context/goldens.py
"""

import json
import subprocess
import tempfile
from itertools import combinations
from pathlib import Path

import numpy as np
from scipy import ndimage
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import Delaunay, cKDTree
from sklearn.cluster import DBSCAN

WIDTH, HEIGHT, CELL = 1100.0, 800.0, 25
ROLES = ["tumour", "epithelial", "immune", "stromal", "dead", "other"]
TUMOUR, IMMUNE, STROMAL, DEAD, NONE = 0, 2, 3, 4, 255
RADII = [20, 50, 100]
here = Path(__file__).parent


def pattern(rng):
    """Tumour on the left with a hole and in two patches, a dense heap of immune nuclei, two dead nuclei far away."""
    tumour = rng.uniform([0, 0], [450, HEIGHT], (900, 2))
    tumour = tumour[np.hypot(*(tumour - [220, 300]).T) > 120]
    patches = [rng.uniform([850, 550], [1090, 790], (160, 2)), rng.uniform([560, 60], [660, 160], (25, 2))]
    tumour = np.vstack([tumour, *patches])
    strays = rng.uniform([500, 0], [WIDTH, HEIGHT], (25, 2))
    heap = rng.normal([760, 500], 32, (230, 2))
    immune = rng.uniform([0, 0], [WIDTH, HEIGHT], (250, 2))
    stromal = rng.uniform([0, 0], [WIDTH, HEIGHT], (500, 2))
    dead = np.array([[1080.0, 20.0], [1085.0, 31.0]])
    other = rng.uniform([0, 0], [WIDTH, HEIGHT], (60, 2))
    parts = [tumour, strays, heap, immune, stromal, dead, other]
    xy = np.round(np.clip(np.vstack(parts), 0.5, [WIDTH - 0.5, HEIGHT - 0.5]), 3)
    role = np.repeat([TUMOUR, TUMOUR, IMMUNE, IMMUNE, STROMAL, DEAD, NONE], [len(part) for part in parts])
    order = rng.permutation(len(role))
    return xy[order], role[order]


def tissue_mask():
    """All but a corner and a window."""
    mask = np.ones((int(HEIGHT // CELL), int(WIDTH // CELL)), bool)
    mask[:6, -9:] = False
    mask[20:23, 30:36] = False
    return mask


def gabriel(xy, tree):
    """Edges of the Delaunay triangulation, at most 50 um long, with nothing inside the circle on them."""
    edges = {tuple(sorted(pair)) for s in Delaunay(xy).simplices for pair in combinations(s.tolist(), 2)}
    neighbours = [[] for _ in xy]
    for a, b in edges:
        length = np.linalg.norm(xy[a] - xy[b])
        inside = set(tree.query_ball_point((xy[a] + xy[b]) / 2, length / 2 * (1 - 1e-9))) - {a, b}
        if length <= 50 and not inside:
            neighbours[a].append(b)
            neighbours[b].append(a)
    return neighbours


def aggregates(xy, role):
    """DBSCAN; border nuclei go to the nearest core. Ids by the first member in the order of 20 um cells, then y, x."""
    immune = np.flatnonzero(role == IMMUNE)
    found = DBSCAN(eps=50, min_samples=60).fit(xy[immune])
    label = np.full(len(xy), -1)
    cores = immune[found.core_sample_indices_]
    label[cores] = found.labels_[found.core_sample_indices_]
    distance, nearest = cKDTree(xy[cores]).query(xy[immune])
    label[immune[distance <= 50]] = label[cores[nearest[distance <= 50]]]
    kept = []
    for group in range(label.max() + 1):
        members = np.flatnonzero(label == group)
        cells = {tuple(cell) for cell in (xy[members] // 20).astype(int)}
        if len(members) >= 45 and len(cells) * 400 >= 6245:
            kept.append((min((*(xy[m] // 20)[::-1], xy[m][1], xy[m][0]) for m in members), members, len(cells)))
    ids = np.full(len(xy), -1)
    kept.sort(key=lambda each: each[0])
    for number, (_, members, _) in enumerate(kept):
        ids[members] = number
    return ids, [{"nuclei": len(members), "areaUm2": cells * 400} for _, members, cells in kept]


def buds(xy, role):
    """Sizes of the groups of 1 to 4 tumour nuclei that are more than 30 um from all others."""
    tumour = xy[role == TUMOUR]
    pairs = np.array(list(cKDTree(tumour).query_pairs(30))).T
    graph = coo_matrix((np.ones(pairs.shape[1]), pairs), (len(tumour),) * 2)
    sizes = np.bincount(connected_components(graph, directed=False)[1])
    return [int((sizes == size).sum()) for size in range(1, 5)]


def disc(radius):
    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1]
    return x * x + y * y <= radius * radius


def tumour_region(xy, role, tissue):
    def smoothed(points):
        edges = [np.arange(size + 1) * CELL for size in tissue.shape]
        counts = np.histogram2d(points[:, 1], points[:, 0], edges)[0]
        return ndimage.gaussian_filter(counts, 50 / CELL, mode="constant", truncate=4)

    cell_mm2 = CELL**2 / 1e6
    t, everything = smoothed(xy[role == TUMOUR]), smoothed(xy)
    region = (t / cell_mm2 >= 300) & (t >= 0.4 * everything)
    region = ndimage.binary_closing(np.pad(region, 5), disc(2))[5:-5, 5:-5] & tissue
    label, count = ndimage.label(region)
    sizes = ndimage.sum_labels(region, label, np.arange(1, count + 1))
    region = np.isin(label, 1 + np.flatnonzero(sizes * cell_mm2 >= 0.05 - 1e-12))
    holes, count = ndimage.label(~region, np.ones((3, 3)))
    border = set(np.concatenate([holes[0], holes[-1], holes[:, 0], holes[:, -1]]))
    for hole in set(range(1, count + 1)) - border:
        if (holes == hole).sum() * cell_mm2 < 0.01:
            region |= (holes == hole) & tissue
    return region


def signed(region, outside):
    """Distance in um of the centres of cells to the border, negative in the region."""
    to_region = ndimage.distance_transform_edt(~region)
    to_outside = ndimage.distance_transform_edt(~outside)
    return np.where(region, -(to_outside - 0.5), to_region - 0.5) * CELL


def cross_weights(xy, role, tissue):
    """Sums of translation weights by spatstat, on the tissue and on the whole rectangle."""
    with tempfile.TemporaryDirectory() as folder:
        points, mask = Path(folder) / "points.csv", Path(folder) / "tissue.csv"
        table = np.column_stack([xy, role])
        np.savetxt(points, table, delimiter=",", header="x,y,role", comments="", fmt="%.17g")
        np.savetxt(mask, tissue, delimiter=",", fmt="%d")
        command = ["Rscript", here / "goldens.R", points, mask, str(WIDTH), str(HEIGHT)]
        out = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(out.stdout)


def main():
    rng = np.random.default_rng(5)
    xy, role = pattern(rng)
    used = rng.uniform(size=len(role)) > 0.04
    orientation = np.round(rng.uniform(-1.57, 1.57, len(role)), 4).astype(np.float32)
    klass = np.where(role == NONE, 0, role + 1)
    klass[(role == STROMAL) & (rng.uniform(size=len(role)) < 0.3)] = 7  # two classes of one role
    points = {
        "x": xy[:, 0],
        "y": xy[:, 1],
        "role": role,
        "class": klass,
        "used": used.astype(int),
        "orientation": orientation,
    }
    xy, role, klass, orientation = xy[used], role[used], klass[used], orientation[used]
    tissue = tissue_mask()
    tree = cKDTree(xy)
    trees = {r: cKDTree(xy[role == r]) for r in range(6) if (role == r).any()}
    nearest, within = {}, {}
    for r, of_role in trees.items():
        found, _ = of_role.query(xy, k=2)
        nearest[ROLES[r]] = np.where(role == r, found[:, 1], found[:, 0])
        for radius in RADII:
            counts = of_role.query_ball_point(xy, radius, return_length=True)
            within[f"{ROLES[r]}_{radius}"] = counts - (role == r)
    neighbours = gabriel(xy, tree)
    doubled = np.exp(2j * orientation.astype(float))
    alignment = []
    for k, near in enumerate(tree.query_ball_point(xy, 50)):
        own = [j for j in near if role[j] == role[k]]
        alignment.append(abs(doubled[own].mean()) if role[k] != NONE and len(own) >= 5 else None)
    ids, groups = aggregates(xy, role)
    region = tumour_region(xy, role, tissue)
    label, count = ndimage.label(region)
    rounded = lambda values: [round(float(v), 9) if v is not None and np.isfinite(v) else None for v in values]  # noqa: E731
    golden = {
        "width": WIDTH,
        "height": HEIGHT,
        "points": {name: np.round(values.astype(float), 4).tolist() for name, values in points.items()},
        "tissue": tissue.astype(int).ravel().tolist(),
        "nearest": {name: rounded(values) for name, values in nearest.items()},
        "within": {name: values.tolist() for name, values in within.items()},
        "degree": [len(each) for each in neighbours],
        "meanEdge": rounded(
            np.mean([np.linalg.norm(xy[k] - xy[j]) for j in each]) if each else None
            for k, each in enumerate(neighbours)
        ),
        "sameClass": rounded(np.mean(klass[each] == klass[k]) if each else None for k, each in enumerate(neighbours)),
        "alignment": rounded(alignment),
        "aggregate": ids.tolist(),
        "aggregates": groups,
        "buds": buds(xy, role),
        "region": region.astype(int).ravel().tolist(),
        "tumourDistance": rounded(signed(region, tissue & ~region).ravel()),
        "tissueDistance": rounded((-signed(np.pad(tissue, 1), ~np.pad(tissue, 1)))[1:-1, 1:-1].ravel()),
        "components": [int(size) for size in ndimage.sum_labels(region, label, np.arange(1, count + 1))],
        "crossWeights": cross_weights(xy, role, tissue),
    }
    (here / "goldens.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
