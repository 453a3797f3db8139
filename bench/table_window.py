"""Reads a window of a nucleus table with DuckDB and with pyarrow, each in a process of its own: python table_window.py
READER TABLE XMIN YMIN XMAX YMAX. Prints CPU seconds, rows and the bytes that were read, as JSON."""

import json
import sys
import time


def bytes_read() -> int:
    with open("/proc/self/io") as file:
        return int(file.readline().split()[1])  # rchar: what the process asked for, from whatever cache it came


def with_duckdb(path: str, window: list[float]) -> int:
    import duckdb

    connection = duckdb.connect()
    connection.execute("set threads = 1")
    fields = [row[0] for row in connection.execute("describe select * from read_parquet(?)", [path]).fetchall()]
    edge = "bbox.{}" if "bbox" in fields else "bbox_{}_px"
    start()
    found = connection.execute(
        f"select id, class, area_um2, outline from read_parquet(?) where {edge.format('xmax')} >= ? "
        f"and {edge.format('ymax')} >= ? and {edge.format('xmin')} <= ? and {edge.format('ymin')} <= ?",
        [path, *window],
    ).to_arrow_table()
    return found.num_rows


def with_pyarrow(path: str, window: list[float]) -> int:
    import pyarrow as arrow
    import pyarrow.compute as compute
    import pyarrow.dataset as dataset

    arrow.set_cpu_count(1)
    arrow.set_io_thread_count(1)
    table = dataset.dataset(path)
    nested = "bbox" in table.schema.names
    edge = lambda name: compute.field("bbox", name) if nested else compute.field(f"bbox_{name}_px")  # noqa: E731
    xmin, ymin, xmax, ymax = window
    start()
    inside = (edge("xmax") >= xmin) & (edge("ymax") >= ymin) & (edge("xmin") <= xmax) & (edge("ymin") <= ymax)
    return table.to_table(columns=["id", "class", "area_um2", "outline"], filter=inside).num_rows


before = (0.0, 0)


def start() -> None:
    global before
    before = (time.process_time(), bytes_read())


reader, path, *edges = sys.argv[1:]
rows = {"duckdb": with_duckdb, "pyarrow": with_pyarrow}[reader](path, [float(edge) for edge in edges])
print(json.dumps({"seconds": time.process_time() - before[0], "rows": rows, "bytes": bytes_read() - before[1]}))
