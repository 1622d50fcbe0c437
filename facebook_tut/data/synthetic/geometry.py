"""Geometry. In the picture: u right, v down, w to the viewer. In the head: x, y, z likewise."""

import numpy as np

LANDMARKS = ("left eye", "right eye", "nose", "left mouth corner", "right mouth corner")
EDGE = 0.44  # a head unit at scale 1, as a share of the picture's edge
SMILE = 0.07  # how far a full smile raises the corners of the mouth, in head units


def _sine_cosine(degrees):
    """Return sine and cosine of an angle, to 1e-9 up to 90°, by the four operations alone.

    The tangent t of the half angle is a Padé approximant; sine is 2t / (1 + t²), cosine
    (1 − t²) / (1 + t²).
    """
    half = degrees.astype(np.float64) * 0.008726646259971648  # radians
    h2 = half * half
    top = half * (10395 - h2 * (1260 - h2 * 21))
    t = top / (10395 - h2 * (4725 - h2 * (210 - h2)))
    return 2 * t / (1 + t * t), (1 - t * t) / (1 + t * t)


class _Pose:
    """The way from head to picture and back, for B pictures."""

    def __init__(self, dials):
        self.sin_yaw, self.cos_yaw = _sine_cosine(dials["yaw"])
        self.sin_pitch, self.cos_pitch = _sine_cosine(dials["pitch"])
        self.sin_roll, self.cos_roll = _sine_cosine(dials["roll"])
        self.width, self.height = dials["face width"], dials["face height"]
        self.jaw = dials["jaw"]
        self.unit = EDGE * dials["scale"]
        self.across, self.down = 0.5 + dials["shift x"], 0.5 + dials["shift y"]
        # The ray through (u, v) meets the ellipsoid at the depth
        # w = lean v + depth √(1 − (u / width)² − (v / outline)²).
        a2, b2 = self.width * self.width, self.height * self.height
        quadratic = self.cos_pitch * self.cos_pitch / a2 + self.sin_pitch * self.sin_pitch / b2
        self.lean = self.sin_pitch * self.cos_pitch * (1 / b2 - 1 / a2) / quadratic
        self.depth = 1 / np.sqrt(quadratic)
        self.outline = self.width * self.height * np.sqrt(quadratic)

    def planes(self):
        """Return the same pose, ready to be combined with (B, S, S) planes."""
        copy = object.__new__(_Pose)
        vars(copy).update(
            {name: value.astype(np.float32)[:, None, None] for name, value in vars(self).items()}
        )
        return copy

    def upright(self, column, row):
        """Return the head's (u, v) at a place of the picture, both as shares of the edge."""
        right, down = (column - self.across) / self.unit, (row - self.down) / self.unit
        u = right * self.cos_roll + down * self.sin_roll
        v = down * self.cos_roll - right * self.sin_roll
        return u, v

    def place(self, u, v):
        """Return the place in the picture of the head's (u, v): the inverse of `upright`."""
        right = u * self.cos_roll - v * self.sin_roll
        down = u * self.sin_roll + v * self.cos_roll
        return self.across + self.unit * right, self.down + self.unit * down

    def narrowing(self, v):
        """Return by how much the head is narrower at height v than the ellipsoid."""
        below = np.clip(v / self.outline, 0, 1)
        return 1 + self.jaw * below * below

    def surface(self, u, v):
        """Return where the ray through (u, v) meets the head, (x, y), and its normal."""
        u = u * self.narrowing(v)
        normal_u, normal_v = u / self.width, v / self.outline
        beyond = normal_u * normal_u + normal_v * normal_v
        w = self.lean * v + self.depth * np.sqrt(np.clip(1 - beyond, 0, 1))
        forward = v * self.sin_pitch + w * self.cos_pitch
        x = u * self.cos_yaw - forward * self.sin_yaw
        y = v * self.cos_pitch - w * self.sin_pitch
        z = u * self.sin_yaw + forward * self.cos_yaw
        return x, y, z, normal_u, normal_v, beyond

    def front(self, x, y):
        """Return the depth z of the face at (x, y)."""
        flat = x * x / (self.width * self.width) + y * y / (self.height * self.height)
        return self.width * np.sqrt(np.clip(1 - flat, 0, 1))

    def project(self, x, y, z):
        """Return (u, v) of a point of the head."""
        u = x * self.cos_yaw + z * self.sin_yaw
        v = y * self.cos_pitch + (z * self.cos_yaw - x * self.sin_yaw) * self.sin_pitch
        return u / self.narrowing(v), v


def _points(dials, pose):
    """Return the landmarks in the head, (x, y, z) of (5, B) each."""
    eye_x, eye_y = dials["eye distance"], dials["eye height"]
    tip, mouth = eye_y + dials["nose length"], _mouth_height(dials)
    corner_x, corner_y = _mouth_width(dials), mouth - SMILE * dials["smile"]
    x = np.stack([-eye_x, eye_x, 0 * tip, -corner_x, corner_x])
    y = np.stack([eye_y, eye_y, tip, corner_y, corner_y])
    z = pose.front(x, y)
    z[2] += dials["nose height"]
    return x, y, z


def _landmarks(dials, size):
    """Return the landmarks in pixels, (B, 5, 2)."""
    pose = _Pose(dials)
    column, row = pose.place(*pose.project(*_points(dials, pose)))
    return (np.stack([column, row], axis=-1).swapaxes(0, 1) * size - 0.5).astype(np.float32)


def _mouth_height(p):
    """Return the height of the middle of the mouth, in head units."""
    return p["eye height"] + p["nose length"] + p["mouth height"]


def _mouth_width(p):
    """Return half the width of the mouth as it smiles, in head units."""
    return p["mouth width"] * (1 + 0.15 * p["smile"])
