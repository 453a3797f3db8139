"""Write one small picture in every form that images come in, and say how each reads.

Usage: python forms.py FOLDER. Writes the files and FOLDER/cells.json: per cell its file, what is wanted (`right`,
`refused`, or `either`), the largest difference that its compression may make, and the reference: RGB pixels as tifffile
reads them, upright. Where OpenSlide opens the file, its own reading is compared with that: `openslide` is its largest
difference.
"""

import json
import sys
from itertools import product
from pathlib import Path

import numpy as np
import openslide
import tifffile
from PIL import Image

WIDTH, HEIGHT, TILE = 200, 152, 64
CM = 40_000  # pixels per cm: 0.25 um
RESOLUTION = {"resolution": (CM, CM), "resolutionunit": "CENTIMETER"}
LOSSY = {"jpeg": 40, "webp": 40, "jpeg2000": 24}


def picture() -> np.ndarray:
    """Make smooth colours like those of H&E, no two corners alike: uint8 [HEIGHT, WIDTH, 3]."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    red = 250 - 60 * x / WIDTH - 40 * y / HEIGHT
    green = 120 + 60 * np.sin(x / 23) + 40 * y / HEIGHT
    blue = 160 + 50 * x / WIDTH + 30 * np.cos(y / 17)
    return np.stack([red, green, blue], -1).round().clip(0, 255).astype(np.uint8)


class Cells:
    """The cells written so far."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.cells = []
        self.left_out = []

    def add(self, name, write, want, wanted=None, lossy=0, mpp=None, kind=None):
        """Write a cell; `wanted` are the RGB pixels that it must read as, where it is not refused."""
        file = self.folder / name
        try:
            write(file)
        except Exception as error:  # no writer for this form here: said, not tested
            file.unlink(missing_ok=True)
            self.left_out.append(f"{name}: {error}")
            return
        cell = {"file": name, "want": want, "lossy": lossy, "mpp": mpp, "kind": kind or "input"}
        if wanted is not None:
            reference = f"{name}.rgb"
            (self.folder / reference).write_bytes(np.ascontiguousarray(wanted).tobytes())
            height, width = wanted.shape[:2]
            cell |= {"reference": reference, "width": width, "height": height}
            cell["openslide"] = openslide_difference(file, wanted)
        self.cells.append(cell)

    def tiff(self, name, data, want, wanted=None, **options):
        """Write a TIFF with tifffile; it must read back as it was, or as nearly as its compression lets it."""
        lossy = LOSSY.get(options.get("compression"), 0)
        kind, mpp = options.pop("kind", None), options.pop("mpp", None)
        opening = {key: options.pop(key) for key in ("byteorder", "bigtiff") if key in options}

        def write(file):
            with tifffile.TiffWriter(file, **opening) as writer:
                writer.write(data, **({"metadata": None} | RESOLUTION | options))
            back = tifffile.imread(file)
            assert np.abs(back.astype(float) - data.astype(float)).max() <= lossy, "not read back as written"

        self.add(name, write, want, wanted, lossy, mpp, kind)


def openslide_difference(file: Path, wanted: np.ndarray):
    """Read level 0 with OpenSlide: the largest difference; None where it cannot read the file."""
    try:
        with openslide.OpenSlide(file) as slide:
            if slide.dimensions != wanted.shape[1::-1]:
                return 255
            image = np.asarray(slide.read_region((0, 0), 0, slide.dimensions).convert("RGB"), int)
            return int(np.abs(image - wanted).max())
    except openslide.OpenSlideError:
        return None


def containers(cells: Cells, rgb: np.ndarray):
    """Layout x byte order x size of offsets x compression x planes."""
    layouts = {"strip": {"rowsperstrip": 16}, "tile": {"tile": (TILE, TILE)}}
    codecs = ["none", "lzw", "deflate", "packbits", "jpeg", "webp", "jpeg2000", "zstd"]
    for (layout, shape), order, big, codec, planar in product(
        layouts.items(), "<>", (False, True), codecs, (False, True)
    ):
        options = {"photometric": "rgb", "byteorder": order, "bigtiff": big, **shape}
        if codec != "none":
            options["compression"] = codec
        data = rgb
        if planar:
            options["planarconfig"] = "separate"
            data = np.ascontiguousarray(np.moveaxis(rgb, -1, 0))
        # OpenSlide does not know planes in tiles in a classic big-endian TIFF, sharp no tiled planes at all
        rare = planar and (codec == "jpeg" or (layout == "tile" and order == ">" and not big))
        common = codec in ("none", "lzw", "deflate", "packbits", "jpeg") and not rare
        name = f"{layout}-{'le' if order == '<' else 'be'}{64 if big else 32}-{codec}{'-planar' if planar else ''}.tif"
        cells.tiff(name, data, "right" if common else "either", rgb, **options)


def forms(cells: Cells, rgb: np.ndarray):
    """Sample formats, depths and meanings of colour, in strips and tiles, in both byte orders."""
    wide = rgb.astype(np.uint16)
    grey = rgb[..., 1]
    alpha = np.dstack([rgb, np.full(grey.shape, 255, np.uint8)])
    half = np.dstack([rgb, np.where(np.arange(WIDTH) < 100, 255, 0) * np.ones((HEIGHT, 1))]).astype(np.uint8)
    on_white = np.where(half[..., 3:] == 255, rgb, 255).astype(np.uint8)
    indices, colours = palette(rgb)
    table = (np.pad(colours, ((0, 256 - len(colours)), (0, 0))).T.astype(np.uint16)) * 257
    numbered = colours[indices].astype(np.uint8)
    rgb_form = {"photometric": "rgb"}
    grey_form = {"photometric": "minisblack"}
    entries = {
        "rgb8": (rgb, "right", rgb, rgb_form),
        "rgb16": (wide * 257, "right", rgb, rgb_form),
        "rgb12in16": (wide * 4095 // 255, "refused", None, rgb_form),
        "rgb10in16": (wide * 1023 // 255, "refused", None, rgb_form),
        "rgb14in16": (wide * 16383 // 255, "refused", None, rgb_form),
        "alpha-opaque": (alpha, "right", rgb, rgb_form | {"extrasamples": ["unassalpha"]}),
        "alpha-half": (half, "right", on_white, rgb_form | {"extrasamples": ["unassalpha"]}),
        "stray": (half, "refused", None, rgb_form | {"extrasamples": ["unspecified"]}),
        "palette8": (indices, "right", numbered, {"photometric": "palette", "colormap": table}),
        "float32-1": (rgb.astype(np.float32) / 255, "refused", None, rgb_form),
        "float32-255": (rgb.astype(np.float32), "refused", None, rgb_form),
        "float64": (rgb.astype(np.float64), "refused", None, rgb_form),
        "float16": (rgb.astype(np.float16), "refused", None, rgb_form),
        "int8": ((rgb >> 1).astype(np.int8), "refused", None, rgb_form),
        "int16": (rgb.astype(np.int16), "refused", None, rgb_form),
        "uint32": (rgb.astype(np.uint32), "refused", None, rgb_form),
        "grey8": (grey, "refused", None, grey_form),
        "grey8-white-is-zero": (grey, "refused", None, {"photometric": "miniswhite"}),
        "grey16": (grey.astype(np.uint16) * 257, "refused", None, grey_form),
        "grey-float": (grey.astype(np.float32), "refused", None, grey_form),
        "grey-as-rgb": (np.dstack([grey] * 3), "refused", None, rgb_form),
        "bilevel": (grey > 128, "refused", None, grey_form),
        "cmyk": (255 - alpha, "refused", None, {"photometric": "separated"}),
        "cielab": (rgb, "refused", None, {"photometric": "cielab"}),
        "five": (np.dstack([rgb, rgb[..., :2]]), "refused", None, rgb_form),
    }
    for (name, (data, want, wanted, options)), layout, order in product(
        entries.items(), ({}, {"tile": (TILE, TILE)}), "<>"
    ):
        place = f"{'tile' if layout else 'strip'}-{'le' if order == '<' else 'be'}"
        cells.tiff(f"form-{name}-{place}.tif", data, want, wanted, byteorder=order, **options, **layout)


def palette(rgb: np.ndarray):
    """Reduce to a palette: indices [h, w] and colours [n, 3]."""
    image = Image.fromarray(rgb).quantize(200)
    return np.asarray(image), np.asarray(image.getpalette()).reshape(-1, 3)


def upright(stored: np.ndarray, orientation: int) -> np.ndarray:
    """Turn stored pixels as the TIFF standard means the tag."""
    flips = {2: lambda a: a[:, ::-1], 3: lambda a: a[::-1, ::-1], 4: lambda a: a[::-1]}
    turned = stored.transpose(1, 0, 2)
    turns = {
        5: lambda: turned,
        6: lambda: turned[:, ::-1],
        7: lambda: turned[::-1, ::-1],
        8: lambda: turned[::-1],
    }
    if orientation == 1:
        return stored
    return flips[orientation](stored) if orientation in flips else turns[orientation]()


def orientations(cells: Cells, rgb: np.ndarray):
    """Tags 1 to 8 in strips, tiles and JPEG; with unequal resolutions the axes turn along."""
    for number in range(1, 9):
        tag = [(274, 3, 1, number, True)]
        right = upright(rgb, number)
        cells.tiff(f"orient-{number}-strip.tif", rgb, "right", right, photometric="rgb", extratags=tag)
        want = "right" if number == 1 else "refused"
        for codec in (None, "jpeg"):
            cells.tiff(
                f"orient-{number}-tile-{codec}.tif",
                rgb,
                want,
                right,
                photometric="rgb",
                compression=codec,
                tile=(TILE, TILE),
                extratags=tag,
            )
        exif = Image.Exif()
        exif[274] = number

        def write(file, exif=exif):
            Image.fromarray(rgb).save(file, quality=95, subsampling=0, dpi=(CM * 2.54, CM * 2.54), exif=exif)

        cells.add(f"orient-{number}.png", write, "right", right)
        cells.add(f"orient-{number}.jpg", write, "right", right, lossy=24)


def resolutions(cells: Cells, rgb: np.ndarray):
    """Resolution in cm, inch, none; unequal by 1 % and by 2 times; implausible."""
    inch = CM * 2.54
    entries = {
        "cm": ((CM, CM), "CENTIMETER", 0.25),
        "inch": ((inch, inch), "INCH", 0.25),
        "exact": ((20040.08, 20040.08), "CENTIMETER", 10000 / 20040.08),
        "none": ((CM, CM), "NONE", None),
        "unequal-1": ((CM, CM / 1.01), "CENTIMETER", 0.25 * 1.005),
        "unequal-2": ((CM, CM / 2), "CENTIMETER", None),
        "72dpi": ((72, 72), "INCH", None),
    }
    for (name, (size, unit, mpp)), layout in product(entries.items(), ({}, {"tile": (TILE, TILE)})):
        options = {"resolution": size, "resolutionunit": unit, "photometric": "rgb", **layout}
        want = "right" if mpp else "refused"
        file = f"resolution-{name}-{'tile' if layout else 'strip'}.tif"
        cells.tiff(file, rgb, want, rgb, mpp=mpp, kind="pixelSize", **options)
    for (name, (size, unit, mpp)), ending in product(entries.items(), ("png", "jpg")):
        if unit == "NONE" or name == "exact":
            continue  # a PNG counts whole pixels a metre, a JPEG whole dots an inch, 65,535 at most
        dpi = size if unit == "INCH" else tuple(value * 2.54 for value in size)
        if ending == "jpg" and name != "72dpi":
            dpi, mpp = tuple(round(value / 2) for value in dpi), mpp and 2 * mpp

        def write(file, dpi=dpi):
            Image.fromarray(rgb).save(file, dpi=dpi, quality=95, subsampling=0)

        want = "right" if mpp else "refused"
        lossy = 24 if ending == "jpg" else 0
        cells.add(f"resolution-{name}.{ending}", write, want, rgb, lossy, mpp, "pixelSize")


def pages(cells: Cells, rgb: np.ndarray):
    """Several pages, planes of an OME-TIFF, pyramids padded or not."""

    def chain(*images, **options):
        def write(file):
            with tifffile.TiffWriter(file) as writer:
                for image, subfile, scale in images:
                    size = {"resolution": (CM / scale, CM / scale), "resolutionunit": "CENTIMETER"}
                    writer.write(image, photometric="rgb", subfiletype=subfile, metadata=None, **size, **options)

        return write

    small = rgb[::4, ::4]
    for name, options in (("strip", {}), ("tile", {"tile": (TILE, TILE)})):
        cells.add(f"pages-thumbnail-last-{name}.tif", chain((rgb, 0, 1), (small, 0, 4), **options), "right", rgb)
        cells.add(f"pages-reduced-{name}.tif", chain((rgb, 0, 1), (small, 1, 4), **options), "right", rgb)
        cells.add(f"pages-thumbnail-first-{name}.tif", chain((small, 0, 4), (rgb, 0, 1), **options), "refused")
        cells.add(f"pages-stack-{name}.tif", chain((rgb, 0, 1), (rgb, 0, 1), **options), "refused")
    padded = np.zeros((2 * TILE, 2 * TILE, 3), np.uint8)
    padded[: HEIGHT // 2, : WIDTH // 2] = rgb[::2, ::2]
    tiles = {"tile": (TILE, TILE)}
    cells.add("pyramid-exact.tif", chain((rgb, 0, 1), (rgb[::2, ::2], 1, 2), **tiles), "right", rgb)
    cells.add("pyramid-padded.tif", chain((rgb, 0, 1), (padded, 1, 2), **tiles), "right", rgb)
    cells.add("pyramid-padded-unsaid.tif", chain((rgb, 0, 1), (padded, 1, 1), **tiles), "right", rgb)

    def ome(data, **options):
        def write(file):
            metadata = {"PhysicalSizeX": 0.25, "PhysicalSizeY": 0.25} | options.pop("metadata", {})
            tifffile.imwrite(file, data, ome=True, metadata=metadata, **options)

        return write

    planes = np.ascontiguousarray(np.moveaxis(rgb, -1, 0))
    names = {"axes": "CYX", "Channel": {"Name": ["Red", "Green", "Blue"]}}
    turned = {"axes": "CYX", "Channel": {"Name": ["Blue", "Green", "Red"]}}
    other = {"axes": "CYX", "Channel": {"Name": ["DAPI", "FITC", "Cy5"]}}
    for name, options in (("strip", {}), ("tile", tiles)):
        grey = {"photometric": "minisblack", **options}
        cells.add(f"ome-3-planes-{name}.ome.tif", ome(planes, metadata=names, **grey), "right", rgb, mpp=0.25)
        cells.add(f"ome-bgr-{name}.ome.tif", ome(planes[::-1].copy(), metadata=turned, **grey), "right", rgb)
        cells.add(f"ome-unnamed-{name}.ome.tif", ome(planes, metadata={"axes": "CYX"}, **grey), "right", rgb)
        wide = planes.astype(np.uint16) * 257
        cells.add(f"ome-16-bit-{name}.ome.tif", ome(wide, metadata=names, **grey), "right", rgb)
        cells.add(f"ome-12-bit-{name}.ome.tif", ome(wide >> 4, metadata=names, **grey), "refused")
        cells.add(f"ome-fluorescence-{name}.ome.tif", ome(planes, metadata=other, **grey), "refused")
        cells.add(f"ome-stack-{name}.ome.tif", ome(planes, metadata={"axes": "ZYX"}, **grey), "refused")
        cells.add(f"ome-grey-{name}.ome.tif", ome(planes[0], metadata={"axes": "YX"}, **grey), "refused")
        coloured = {"photometric": "rgb", "metadata": {"axes": "YXS"}, **options}
        cells.add(f"ome-rgb-{name}.ome.tif", ome(rgb, **coloured), "right", rgb, mpp=0.25)


def main(folder: Path):
    """Write all cells."""
    rgb = picture()
    cells = Cells(folder)
    for part in (containers, forms, orientations, resolutions, pages):
        part(cells, rgb)
    text = json.dumps({"cells": cells.cells, "left_out": cells.left_out}, indent=1)
    (folder / "cells.json").write_text(text)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
