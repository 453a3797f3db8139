"""What squidpy or histolytics need for a part of what hoverslide finds around nuclei, on the same table.

    features_peers.py TABLE LIBRARY STEP SECONDS

Prints JSON: seconds of wall and of processor, and the peak of memory in MB, of the step and what it builds on. Reading
the table does not count. Their defaults, where not said otherwise. Killed after so many seconds of processor.
"""

import json
import os
import resource
import sys
import time

import numpy as np
import pyarrow.parquet as pq

path, library, step, limit = sys.argv[1:]
resource.setrlimit(resource.RLIMIT_CPU, (int(limit), int(limit)))
table = pq.read_table(path, columns=["centroid_x_um", "centroid_y_um", "class", "quality"])
keep = np.asarray(table["quality"]) == "ok"
points = np.column_stack([np.asarray(table["centroid_x_um"]), np.asarray(table["centroid_y_um"])])[keep]
classes = np.asarray(table["class"])[keep]


def squidpy_steps():
    import anndata
    import pandas as pd
    import squidpy as sq

    names = [str(k) for k in range(len(points))]
    data = anndata.AnnData(obs=pd.DataFrame({"class": pd.Categorical(classes)}, index=names))
    data.obsm["spatial"] = points

    def pairs():
        sq.gr.spatial_neighbors(data, coord_type="generic", radius=50.0)
        sq.gr.interaction_matrix(data, "class")

    def enrichment():
        sq.gr.spatial_neighbors(data, coord_type="generic", radius=50.0)
        sq.gr.nhood_enrichment(data, "class", seed=0, n_jobs=1, show_progress_bar=False)

    def ripley():
        sq.gr.ripley(data, "class", mode="L", seed=0)

    return {"pairs within 50 um": pairs, "enrichment": enrichment, "Ripley": ripley}


def histolytics_steps():
    import geopandas as gpd
    from histolytics.spatial_agg.local_values import local_type_counts
    from histolytics.spatial_clust.ripley import ripley_k
    from histolytics.spatial_graph.graph import fit_graph
    from shapely import box

    nuclei = gpd.GeoDataFrame({"class_name": classes}, geometry=gpd.points_from_xy(*points.T))
    nuclei["uid"] = np.arange(len(nuclei))

    def gabriel():
        fit_graph(nuclei, "gabriel", id_col="uid", threshold=50)

    def counts():
        weights, _ = fit_graph(nuclei, "distband", id_col="uid", threshold=50)
        local_type_counts(nuclei.set_index("uid", drop=False), weights, "class_name", id_col="uid")

    def ripley():
        immune = points[classes == "inflammatory"]
        ripley_k(immune, np.linspace(0, 50, 11), hull_poly=box(*points.min(0), *points.max(0)))

    return {"Gabriel graph": gabriel, "counts within 50 um": counts, "Ripley": ripley}


run = {"squidpy": squidpy_steps, "histolytics": histolytics_steps}[library]()[step]
start, cpu = time.perf_counter(), os.times()
run()
now = os.times()
print(
    json.dumps(
        {
            "wall": time.perf_counter() - start,
            "cpu": sum(now[:4]) - sum(cpu[:4]),
            "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }
    )
)
