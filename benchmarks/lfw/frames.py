"""The whole photographs of LFW, as a detector sees them, and the face that they are named after."""

WHOLE, EDGE = (0, 0, 1, 1), 250  # the photographs are enlarged to so many pixels


def frames_of(data, photos):
    """Return whole photographs, (N, 250, 250, 3) uint8."""
    return data.images(photos, box=WHOLE, size=EDGE, progress=False)


def frame_of(data, photo):
    """Return the whole photograph, (250, 250, 3) uint8."""
    [frame] = frames_of(data, [photo])
    return frame


def central(boxes):
    """Return the first detection whose box holds the middle of a frame, or None."""
    middle = EDGE / 2
    for each in boxes:
        top, left, bottom, right = each.box
        if top < middle < bottom and left < middle < right:
            return each
    return None
