"""Picture files: what they are by their content, and their pixels as RGB."""

import io
import math
import struct
import warnings
from contextlib import suppress

import numpy as np
from PIL import Image

from facebook_tut._validation import check_file, check_number

ORIENTATION, EXIF = 0x0112, b"Exif\0\0"  # a tag of EXIF, and how EXIF begins in a JPEG
HEAD = 64  # bytes by which a file's kind is known
UPRIGHT = {  # what undoes each orientation
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
SUFFIXES = {
    *(".apng", ".avif", ".bmp", ".gif", ".jfif", ".jp2", ".jpe", ".jpeg", ".jpg", ".mpo", ".png"),
    *(".tif", ".tiff", ".webp", ".heic", ".heif", ".hif", ".jxl"),
    *(".arw", ".cr2", ".cr3", ".dng", ".nef", ".orf", ".raf", ".rw2"),
}
RAW = {".arw", ".cr2", ".dng", ".nef", ".orf", ".rw2"}  # in them Pillow finds a stamp-sized preview
BRANDS = {  # of ISO media files, whose bytes 4 to 8 are "ftyp"
    "HEIC": b"heic heix heim heis hevc hevx hevm hevs mif1 msf1".split(),
    "AVIF": b"avif avis".split(),
    "camera raw": b"crx ".split(b"|"),
}
ADVICE = {
    "HEIC": "convert it to JPEG, or install pillow-heif",
    "AVIF": "convert it to JPEG, or install Pillow 11.3 or later",
    "JPEG XL": "convert it to JPEG, or install pillow-jxl-plugin",
    "camera raw": "convert it to JPEG",
    "PostScript": "convert it to PNG",  # a program, which Pillow would have Ghostscript run
}
# What Pillow knows by name only, and what it has other programs run.
NO_PICTURES = {"BUFR", "EPS", "GRIB", "HDF5", "MPEG", "WMF"}
DAMAGE = (IndexError, SyntaxError, TypeError, struct.error)  # by which a format says it is another


def read_picture(path, *, most_pixels=None):
    """Read a picture file as RGB, upright as its camera held it.

    Whatever is transparent is laid on white, of an animation the first frame is taken, and 16 bits
    a pixel are rounded to 8. What kind of file it is its content says, not its name. Of the notes
    that a camera leaves in a file only the orientation is read.

    Parameters
    ----------
    path : str or path-like
        A file in any format that Pillow reads; HEIC too where pillow-heif is installed.
    most_pixels : int, optional
        A picture of more pixels is refused, or, where the format can (JPEG, JPEG 2000), shrunk to
        a half, a quarter or an eighth of its edges while it is decoded, with a warning: boxes then
        count the pixels of the smaller picture. If not given, it is 178,956,970, where Pillow
        begins to refuse: twice ``PIL.Image.MAX_IMAGE_PIXELS``.

    Returns
    -------
    ndarray, (H, W, 3), uint8

    Raises
    ------
    TypeError
        If `path` is none.
    FileNotFoundError
        If there is no such file.
    OSError
        If it may not be read.
    ValueError
        If it is no picture, is cut off, or would fill the memory.

    Examples
    --------
    >>> read_picture("no-such-photo.jpg")
    Traceback (most recent call last):
        ...
    FileNotFoundError: there is no picture file no-such-photo.jpg
    """
    path = check_file("path", path, "picture")
    if not path.stat().st_size:  # such as the kernel's files, which may have no end
        raise ValueError(f"{path} is not a whole picture: it is empty")
    most = 2 * (Image.MAX_IMAGE_PIXELS or math.inf) if most_pixels is None else most_pixels
    check_number("most_pixels", most, 1, math.inf)
    kind = foreign_kind(path)
    if kind:
        raise ValueError(f"{path} is a picture of the kind {kind}: {ADVICE[kind]}")
    try:
        with _open(path) as picture:
            shrunk = _shrink(picture, most)
            pixels = _to_rgb(_upright(picture))
    except MemoryError as error:
        raise ValueError(f"{path} is not a whole picture: it would fill the memory") from error
    except Exception as error:  # decoders raise what they like
        why = str(error) or type(error).__name__
        raise ValueError(f"{path} is not a whole picture: {why}") from error
    if shrunk:
        warnings.warn(f"{path} was {shrunk} while it was decoded", stacklevel=2)
    return pixels


def looks_like_picture(path):
    """Return whether a file is a picture, by its content, or claims to be one by its name.

    Parameters
    ----------
    path : pathlib.Path
        A file.

    Returns
    -------
    bool

    Raises
    ------
    OSError
        If it may not be read.

    Examples
    --------
    >>> from pathlib import Path
    >>> looks_like_picture(Path(__file__))
    False
    """
    if path.suffix.lower() in SUFFIXES:
        return True
    if not path.stat().st_size:
        return False
    if foreign_kind(path):
        return True
    try:
        with Image.open(path, formats=formats()):
            return True
    except Image.DecompressionBombError:
        return True
    except Exception:  # as in `read_picture`
        return False


def foreign_kind(path):
    """Return the kind of a picture that Pillow cannot read as it is installed, or nothing.

    Parameters
    ----------
    path : pathlib.Path
        A file.

    Returns
    -------
    str
        Of `ADVICE`; empty for every other file.

    Raises
    ------
    OSError
        If it may not be read.
    """
    kind = _kind(_head(path), path.suffix.lower())
    if kind == "HEIC" and _register_heif():
        return ""
    known = {"AVIF": ".avif", "JPEG XL": ".jxl", "HEIC": ".heic"}.get(kind)
    return "" if known in Image.registered_extensions() else kind


def _kind(head, suffix):
    """Return which of `ADVICE` a file is, by its first bytes, or nothing."""
    if head[4:8] == b"ftyp":  # then its brand, and after four bytes those that it is also
        brands = [head[8:12], *(head[i : i + 4] for i in range(16, min(head[3], 64), 4))]
        kinds = {kind for kind, some in BRANDS.items() if {*brands} & {*some}}
        return next((kind for kind in ("AVIF", "HEIC", "camera raw") if kind in kinds), "")
    if head[:4] in (b"%!PS", b"\xc5\xd0\xd3\xc6"):
        return "PostScript"
    if head[:2] == b"\xff\x0a" or head[4:8] == b"JXL ":
        return "JPEG XL"
    raw = (suffix in RAW and head[:2] in (b"II", b"MM")) or head[:8] == b"FUJIFILM"
    return "camera raw" if raw else ""


def _register_heif():
    """Let Pillow read HEIC if pillow-heif is there."""
    try:
        import pillow_heif
    except ImportError:
        return False
    pillow_heif.register_heif_opener()
    return True


def _open(path):
    """Open a picture whose pixels are not decoded yet, whatever its camera has noted in it."""
    try:
        return _open_any_size(path)
    except Exception:  # of a JPEG, Pillow reads notes on its resolution already now
        with path.open("rb") as file:
            content = file.read(2)
            content += file.read() if content == b"\xff\xd8" else b""
        start = content.find(EXIF)
        if start < 0:
            raise
        picture = _open_any_size(io.BytesIO(content.replace(EXIF, b"None\0\0")))
        length = int.from_bytes(content[start - 2 : start]) - 2
        picture.info["exif"] = content[start : start + length]  # for `_upright`
        return picture


def _open_any_size(file):
    """Open a picture, also if it has more pixels than Pillow opens: `_shrink` has its own limit."""
    try:
        return Image.open(file, formats=formats())
    except Image.DecompressionBombError:
        head = file.getvalue()[:HEAD] if isinstance(file, io.BytesIO) else _head(file)
        for opener, accepts in (Image.OPEN[kind] for kind in formats()):
            if accepts is None or accepts(head[:16]) is True:
                with suppress(*DAMAGE):
                    return opener(file, "")
        raise


def _head(path):
    with path.open("rb") as file:
        return file.read(HEAD)


def formats():
    """Return the formats that are read, in the order in which Pillow tries them."""
    Image.init()
    return [kind for kind in Image.ID if kind not in NO_PICTURES]


def _shrink(picture, most):
    """Let a picture of too many pixels be decoded smaller, and say how; or refuse it."""
    width, height = picture.size
    count = width * height
    if count <= most:
        return ""
    limit = f"{count:,} pixels, and {most:,.0f} are the most (most_pixels)"
    scale = next((s for s in (2, 4, 8) if (width // s + 1) * (height // s + 1) <= most), None)
    if scale is None or picture.format not in ("JPEG", "MPO", "JPEG2000"):
        raise ValueError(f"it has {limit}")
    if picture.format == "JPEG2000":
        picture.reduce = int(math.log2(scale))
    else:
        picture.draft(picture.mode, (width // scale, height // scale))
    return f"shrunk to 1/{scale} of its edges, {limit},"


def _upright(picture):
    """Return a picture as its camera held it. Other notes of the camera may be damaged."""
    picture.load()
    try:
        turn = UPRIGHT.get(picture.getexif().get(ORIENTATION))
    except Exception:  # the notes cannot be read at all
        turn = None
    return picture if turn is None else picture.transpose(turn)


def _to_rgb(picture):
    if picture.mode == "F":
        raise ValueError("its pixels are floats, which may mean anything; 8 or 16 bits are wanted")
    if picture.mode.startswith("I"):  # 16 bits, which convert would cut off, not scale
        values = np.asarray(picture)
        bits = 1 if picture.mode == "I" and values.max(initial=0) < 256 else 257  # 8 bits in 32
        grey = np.clip(values / bits, 0, 255).round().astype(np.uint8)  # (H, W)
        return np.repeat(grey[..., np.newaxis], 3, axis=-1)
    if "transparency" not in picture.info and picture.mode[-1] not in "Aa":
        return np.array(picture.convert("RGB"))
    white = Image.new("RGBA", picture.size, "white")
    return np.array(Image.alpha_composite(white, picture.convert("RGBA")).convert("RGB"))
