"""Answers selections from a table in SQL: selection.py TABLE REQUESTS ANSWERS, the last two in JSON."""

import json
import sys

import duckdb

table, requests, answers = sys.argv[1:]
measures = ["area_um2", "major_axis_um", "eccentricity", "hematoxylin_od_mean"]
db = duckdb.connect()
db.execute(f"create table nuclei as select * from read_parquet('{table}', file_row_number = true)")


def answer(request):
    polygon = request["polygon"]
    edges = [(*a, *b) for a, b in zip([polygon[-1], *polygon[:-1]], polygon, strict=True)]
    db.execute("create or replace table edges (x1 double, y1 double, x2 double, y2 double)")
    db.execute(f"insert into edges values {', '.join(repr(edge) for edge in edges)}")
    conditions = ["true" if request.get("setAside") else "quality = 'ok'"]
    if "names" in request:
        conditions.append(f"class in ({', '.join(repr(name) for name in request['names'] or [''])})")
    for threshold in request.get("thresholds", []):
        column = f"{threshold['column']}::double"
        conditions += [f"{column} >= {threshold['min']!r}::double"] if "min" in threshold else []
        conditions += [f"{column} <= {threshold['max']!r}::double"] if "max" in threshold else []
    medians = ", ".join(f"median({measure}::double)" for measure in measures)
    inside = """
        select file_row_number from nuclei, edges
        where (y1 <= centroid_y_px) <> (y2 <= centroid_y_px)
          and centroid_x_px < x1 + ((centroid_y_px - y1) / (y2 - y1)) * (x2 - x1)
        group by file_row_number having count(*) % 2 = 1
    """
    where = f"file_row_number in ({inside}) and {' and '.join(conditions)}"
    db.execute(f"create or replace table selected as select * from nuclei where {where}")
    rows = db.execute(f"select class, count(*), {medians} from selected group by class").fetchall()
    ids = db.execute("select id from selected order by file_row_number").fetchall()
    classes = {
        name: {"count": count, "medians": dict(zip(measures, values, strict=True))} for name, count, *values in rows
    }
    return {"classes": classes, "ids": [row[0] for row in ids]}


with open(requests) as file:
    result = [answer(request) for request in json.load(file)]
with open(answers, "w") as file:
    json.dump(result, file)
