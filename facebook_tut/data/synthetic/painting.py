"""Painting: every feature is a plane of coverage from 0 to 1, (B, S, S), and a colour, (B, 3)."""

from functools import cache

import numpy as np

from facebook_tut.data.synthetic.geometry import (
    SMILE,
    _mouth_height,
    _mouth_width,
    _points,
    _Pose,
    _sine_cosine,
)

# Colours along a dial, RGB.
SKIN = ((0.36, 0.24, 0.17), (0.53, 0.37, 0.27), (0.70, 0.51, 0.39), (0.87, 0.67, 0.55))
UNDERTONE = ((1.02, 0.95, 1.0), (1.0, 1.0, 1.0), (0.985, 1.0, 0.92))  # times the skin's
IRIS = ((0.14, 0.07, 0.03), (0.42, 0.27, 0.10), (0.28, 0.42, 0.22), (0.38, 0.60, 0.85))
HAIR = ((0.05, 0.04, 0.04), (0.28, 0.17, 0.09), (0.78, 0.60, 0.33), (0.80, 0.80, 0.81))
HUES = ((0.70, 0.48, 0.44), (0.52, 0.66, 0.46), (0.42, 0.54, 0.72), (0.70, 0.48, 0.44))
MASK = (0.58, 0.72, 0.80)
CLOTHES = ((0.15, 0.18, 0.28), (0.55, 0.18, 0.18), (0.80, 0.80, 0.76), (0.15, 0.42, 0.45))
SHELTERED = 0.55  # share of the light from all sides that a slope gets less of


def _soft(distance, width):
    """Turn a distance inside an edge into coverage, 1 inside, 0 outside; overwrites `distance`."""
    distance *= 1 / width
    distance += 0.5
    return np.clip(distance, 0, 1, out=distance)


def _hill(distance2):
    """Turn a squared distance into a smooth hill of height 1 and radius 1."""
    hill = np.clip(1 - distance2, 0, 1)
    hill *= hill
    return hill


def _along(colours, places):
    """Return the colours, (B, 3), at places from 0 to 1 along a list of colours."""
    colours = np.array(colours, np.float32)
    steps = places * (len(colours) - 1)
    first = np.clip(np.floor(steps), 0, len(colours) - 2).astype(int)
    share = (steps - first.astype(np.float32))[:, None]
    return colours[first] * (1 - share) + colours[first + 1] * share


class _Scene:
    """B pictures: their dials, and where their rays meet the heads."""

    def __init__(self, dials, size):
        self.dials, self.size = dials, size
        self.p = {name: values[:, None, None] for name, values in dials.items()}
        pose = _Pose(dials)
        self.pose = pose.planes()
        grid = (np.arange(size, dtype=np.float32) + 0.5) / size
        self.u, self.v = self.pose.upright(grid, grid[:, None])
        surface = self.pose.surface(self.u, self.v)
        self.x, self.y, self.z, self.normal_u, self.normal_v, self.beyond = surface
        self._turn_nose(pose)
        self.side = np.abs(self.x)  # the face is painted on both sides at once
        self.head = _soft(1 - self.beyond, 0.08)
        self.relief = np.zeros_like(self.x)  # height above the ellipsoid
        self.canvas = np.empty((len(self.x), 3, size, size), np.float32)

    def _turn_nose(self, pose):
        """Shift (x, y) so that the tip of the nose is seen where it stands out to."""
        x, y, z = (values[2] for values in _points(self.dials, pose))
        seen_x, seen_y, *_ = pose.surface(*pose.project(x, y, z))
        seen_x, seen_y, shift_x, shift_y = map(_plane, (seen_x, seen_y, seen_x - x, seen_y - y))
        dx = (self.x - seen_x) * (1 / (1.4 * self.p["nose width"] + 1.5 * np.abs(shift_x)))
        dy = (self.y - seen_y) * (1.25 / self.p["nose length"])
        share = _hill(dx * dx + dy * dy)
        self.x -= shift_x * share
        self.y -= shift_y * share

    def paint(self, cover, colour):
        """Put a colour on the canvas where `cover` is 1, and mix where it is less."""
        change = colour[:, :, None, None] - self.canvas
        change *= cover[:, None]
        self.canvas += change

    def grey(self, level):
        """Return the same grey for all pictures."""
        return np.full((len(self.canvas), 3), level, np.float32)

    def wearers(self, name):
        """Yield each picture whose dial `name` is not 0, as its row and a scene of its own."""
        for k in np.flatnonzero(self.dials[name]):
            row = slice(k, k + 1)
            yield row, _rows(self, row)


def _rows(scene, rows):
    """Return some pictures of a scene, dials or pose, as views."""
    if isinstance(scene, np.ndarray):
        return scene[rows]
    if isinstance(scene, dict):
        return {key: values[rows] for key, values in scene.items()}
    if isinstance(scene, int):
        return scene
    part = object.__new__(type(scene))
    vars(part).update({key: _rows(value, rows) for key, value in vars(scene).items()})
    return part


def _plane(values):
    """Make (B,) numbers ready to be combined with (B, S, S) planes."""
    return values.astype(np.float32)[:, None, None]


def _draw(dials, images):
    """Draw B pictures into `images`, (B, S, S, 3)."""
    s = _Scene(dials, images.shape[1])
    _background(s)
    neck, solid = _paint_person(s)
    shade = _light(s)
    shade *= solid
    shade += 1 - 0.36 * (neck - neck * solid)  # the head shades the neck
    s.canvas *= shade[:, None]
    for _, one in s.wearers("glasses"):
        one.paint(_glasses(one), one.grey(0.06))
    _sensor(s)
    for channel in range(3):
        np.divide(s.canvas[:, channel], 255, out=images[..., channel])


def _paint_person(s):
    """Paint all but the glasses, back to front; return the coverage of the neck and of the head."""
    clothes, neck, ears = _body(s)
    hair, back = _hair(s)
    eyes, iris, dark = _eyes(s)
    lips, teeth, gaps = _mouth(s)
    dark = np.maximum(np.maximum(dark, _nose(s)), gaps)
    dark *= s.head
    head = np.maximum(s.head, ears)
    skin = _along(SKIN, s.dials["skin tone"]) * _along(UNDERTONE, s.dials["undertone"])
    hair_colour = _along(HAIR, s.dials["hair colour"])
    s.paint(back, 0.5 * hair_colour)
    s.paint(clothes, _along(CLOTHES, s.dials["clothes"]))
    s.paint(np.maximum(head, neck), skin)
    s.paint(np.maximum(lips, _cheeks(s)), _lip_colour(s, skin))
    s.paint(np.maximum(eyes, teeth), s.grey(0.88))
    s.paint(iris, _along(IRIS, s.dials["iris colour"]))
    s.paint(dark, s.grey(0.05))
    for row, one in s.wearers("beard"):
        one.paint(_beard(one) * (1 - lips[row]), 0.8 * hair_colour[row])
    s.paint(hair, hair_colour)
    for _, one in s.wearers("mask"):
        one.paint(_mask(one), np.array([MASK], np.float32))
    return neck, np.maximum(head, hair)


def _background(s):
    """Two halves of a wall, lighter above."""
    wall = _along(HUES, s.dials["background hue"]) * (0.25 + 0.9 * s.dials["background"][:, None])
    grid = (np.arange(s.size, dtype=np.float32) + 0.5) / s.size
    left = _soft(s.p["background edge"] - grid, 0.05)  # (B, 1, S)
    shade = (0.72 + 0.28 * left) * (1.12 - 0.3 * grid[:, None])  # (B, S, S)
    np.multiply(wall[:, :, None, None], shade[:, None], out=s.canvas)


def _body(s):
    """Return the coverage of clothes, neck and ears."""
    p = s.p
    clothes = _soft(s.v - 0.2 * s.u * s.u + (0.12 * p["face height"] - 1.18), 0.06)
    aside = np.abs(s.u)
    neck = _soft(0.42 - aside, 0.08)
    neck *= _soft(s.v - 0.2, 0.2)
    neck *= 1 - clothes
    x = (aside - s.pose.width * s.pose.cos_yaw) * (1 / (0.55 * p["ear size"]))
    y = (s.y - (p["eye height"] + 0.1)) * (1 / p["ear size"])
    y *= y
    z = (s.z + 0.04) * (1 / (0.6 * p["ear size"]))
    s.relief += (0.5 * p["ear size"]) * _hill(z * z + y) * np.clip(4 - 4 * s.beyond, 0, 1)
    return clothes, neck, _soft(1 - x * x - y, 0.5)


def _hair(s):
    """Return the coverage of the hair on the head, and of the hair behind it."""
    p = s.p
    volume = 1 + p["hair volume"]
    x = s.u * (1 / (s.pose.width * volume))
    y = np.clip(s.v, None, 0) * (1 / (s.pose.outline * volume))
    outline = _soft(1 - x * x - y * y, 0.12)
    outline *= _soft(p["hair length"] + 0.1 - s.v, 0.15)
    x = s.x - 0.15 * p["parting"]
    top = 0.85 * x * x - s.y - p["hairline"]
    temple = s.side - np.clip(s.z, None, 0) - 0.9 * s.pose.width
    hair = _soft(np.minimum(np.maximum(top, temple), p["hair length"] - s.y), 0.08)
    hair *= outline
    s.relief *= 1 - hair  # ears under hair do not show
    return hair, outline


def _eyes(s):
    """Return the coverage of eyes, irises, and of what is dark: pupils, lashes and brows."""
    p = s.p
    x = s.side - p["eye distance"]
    y = s.y - p["eye height"]
    y += p["eye slant"] * x
    across = x * (1 / p["eye width"])
    across *= across
    lower = (1 - across) * p["eye opening"]
    upper = lower * (1 - 2 * p["eyes closed"])
    upper += y
    lower -= y
    eyes = _soft(np.minimum(upper, lower) - 0.018, 0.035)
    eyes *= s.head
    x2 = x * x
    distance = x2 + y * y
    s.relief -= 0.035 * _hill(8 * distance)
    np.sqrt(distance, out=distance)
    radius = 0.02 + 0.8 * p["eye opening"]
    iris = _soft(radius - distance, 0.03)
    iris *= eyes
    pupil = _soft(0.45 * radius - distance, 0.03)
    pupil *= eyes
    lash = _soft(0.02 - np.abs(upper), 0.035)
    lash *= _soft(1 - across, 0.3)
    y += (p["brow slant"] - p["eye slant"]) * x
    y += 0.5 * x2
    y += p["brow height"] + 0.06 * p["brow raise"]
    brows = _soft(p["brow thickness"] * (1 - 0.56 * across) - np.abs(y), 0.035)
    brows *= p["brow darkness"]
    return eyes, iris, np.maximum(np.maximum(pupil, lash), brows)


def _mouth(s):
    """Return the coverage of lips, teeth and the dark between them."""
    p = s.p
    x2 = s.side * (1 / _mouth_width(p))
    x2 *= x2
    arc = 1 - x2
    y = s.y - _mouth_height(p)
    y += SMILE * p["smile"] * x2
    gape = (0.17 * p["mouth open"]) * arc
    arc *= p["lip fullness"]
    below = 1.2 * arc
    below += gape
    below -= y
    arc *= 1 - 0.35 * _hill(9 * x2)
    arc += y
    lips = _soft(np.minimum(arc, below), 0.035)
    lips *= s.head
    s.relief += 0.03 * lips
    gaps = _soft(np.minimum(y, gape - y) + 0.015, 0.03)
    gaps *= lips
    teeth = _soft(0.55 * gape - y - 0.02, 0.03)
    teeth *= gaps
    gaps -= teeth
    return lips, teeth, gaps


def _nose(s):
    """Raise the nose; return the coverage of the nostrils."""
    p = s.p
    along = (s.y - p["eye height"]) * (1 / p["nose length"])
    rise = np.clip(along, 0, 1)
    across = s.side / (p["nose width"] * (0.5 + 0.5 * rise))
    rise *= np.clip(5.5 - 4.5 * along, 0, 1)
    rise *= _hill(across * across)
    s.relief += p["nose height"] * rise
    x = (s.side - 0.48 * p["nose width"]) * (0.7 / (0.02 + 0.15 * p["nose width"]))
    along -= 1.07
    along *= 28 * p["nose length"]
    return 0.8 * _hill(x * x + along * along)


def _cheeks(s):
    """Return the coverage of the blush on the cheeks."""
    x, y = s.side - 0.42, s.y - 0.32
    return _hill(14 * (x * x + y * y)) * (0.35 * s.p["cheeks"]) * s.head


def _lip_colour(s, skin):
    """Return the colour of lips and cheeks, (B, 3): darker than the skin, and redder."""
    red = 0.55 * skin + 0.45 * skin[:, :1] * np.array([1.0, 0.1, 0.15], np.float32)
    share = 0.55 + 0.35 * s.dials["lip colour"][:, None]
    return 0.8 * (skin * (1 - share) + red * share)


def _beard(s):
    """Return the coverage of beard and moustache."""
    cover = _soft(s.y - _mouth_height(s.p) + 0.08 + 0.45 * s.side * s.side, 0.15)
    cover *= s.head * (0.85 * s.p["beard"])
    return cover


def _mask(s):
    """Cover nose and mouth; return the coverage of the mask and its straps."""
    y = s.y - (s.p["eye height"] + 0.5 * s.p["nose length"])
    edge = 0.84 * s.pose.width - s.side
    cover = _soft(np.minimum(y - 0.15 * s.side, edge), 0.04)
    strap = _soft(0.014 - np.abs(y - 0.24 + 0.25 * s.side), 0.03)
    cover = np.maximum(cover, strap * _soft(-edge, 0.02))
    cover *= s.head * s.p["mask"]
    s.relief *= 1 - 0.8 * cover
    s.relief += 0.08 * cover
    return cover


def _glasses(s):
    """Return the coverage of rims, bridge, temples and tinted lenses."""
    x = s.side - s.p["eye distance"]
    y = s.y - s.p["eye height"] - 0.02
    ring = np.sqrt(x * x + 1.3 * y * y)
    lens = _soft(0.22 - ring, 0.04) * s.p["lens tint"]
    rim = _soft(0.018 - np.abs(ring - 0.22), 0.03)
    bar = _soft(0.015 - np.abs(y + 0.04), 0.03) * _soft(ring - 0.22, 0.02)
    return np.maximum(np.maximum(rim, bar), lens) * (s.head * s.p["glasses"])


def _light(s):
    """Return how much more or less light than 1 the surface sends back."""
    p, pose = s.p, s.pose
    sin_a, cos_a = _sine_cosine(s.dials["light azimuth"])
    sin_e, cos_e = _sine_cosine(s.dials["light elevation"])
    right, down, front = map(_plane, (sin_a * cos_e, -sin_e, cos_a * cos_e))
    lit = np.sqrt(np.clip(1 - 0.64 * s.beyond, 0, 1))
    lit *= front
    lit += s.normal_u * (0.8 * (right * pose.cos_roll + down * pose.sin_roll))
    lit += s.normal_v * (0.8 * (down * pose.cos_roll - right * pose.sin_roll))
    slope_x, slope_y = np.zeros_like(s.relief), np.zeros_like(s.relief)
    np.subtract(s.relief[:, :, 2:], s.relief[:, :, :-2], out=slope_x[:, :, 1:-1])
    np.subtract(s.relief[:, 2:], s.relief[:, :-2], out=slope_y[:, 1:-1])
    slope_x *= 0.5 * s.size * pose.unit
    slope_y *= 0.5 * s.size * pose.unit
    lit -= slope_x * right
    lit -= slope_y * down
    slope_x *= slope_x
    slope_y *= slope_y
    slope_x += slope_y
    slope_x += 1
    level = np.divide(1, np.sqrt(slope_x, out=slope_x), out=slope_x)  # 1 where there is no slope
    lit *= level
    np.clip(lit, 0, None, out=lit)
    lit *= 1.35 * (1 - p["ambient"])
    level *= SHELTERED * p["ambient"]
    lit += level
    lit += (1 - SHELTERED) * p["ambient"] - 1
    return lit


def _sensor(s):
    """Let the lens blur, the sensor add noise and the file keep 8 bits."""
    p = s.dials
    warm = np.array([1, 0, -1], np.float32) * p["warmth"][:, None]
    s.canvas *= (255 * p["brightness"][:, None] * (1 + warm))[:, :, None, None]
    for image, blur, noise, grain in zip(s.canvas, p["blur"], p["noise"], p["grain"], strict=True):
        if blur > 0:
            _smooth(image, blur)
        if noise > 0:
            start = int(float(grain) * 4095)
            grains = _grains(image.size + 4096)[start : start + image.size]
            image += (255 * float(noise)) * grains.reshape(image.shape)
    np.clip(s.canvas, 0, 255, out=s.canvas)
    np.rint(s.canvas, out=s.canvas)


def _smooth(image, blur):
    """Blur (3, S, S) in place: let brightness flow between pixels 1, 2, 4 ... apart."""
    left = (float(blur) * image.shape[-1] / 64) ** 2  # variance to reach, in pixels
    step = 1
    while left > 0:  # a step adds 2 share step²; wide ones come last, when edges are soft
        share = min(0.25, left / (2 * step * step))
        for near, far in (
            (image[:, :-step], image[:, step:]),
            (image[:, :, :-step], image[:, :, step:]),
        ):
            flow = share * (far - near)
            near += flow
            far -= flow
        left -= 2 * share * step * step
        step *= 2


@cache
def _grains(count):
    """Return near-normal noise of standard deviation 1, each the sum of four uniform numbers."""
    bits = np.random.PCG64(0).random_raw(count)
    parts = ((bits >> np.uint64(shift)) & np.uint64(0xFFFF) for shift in (0, 16, 32, 48))
    return (sum(part.astype(np.float32) for part in parts) / 65535 - 2) * 1.7320508
