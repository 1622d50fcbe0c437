"""The parts of a face that does not exist."""

# Which traits are of which part of the face. All but the colours are geometry.
PARTS = {
    "colours": (
        "skin tone",
        "undertone",
        "cheeks",
        "lip colour",
        "iris colour",
        "brow darkness",
    ),
    "head": ("face width", "face height", "jaw", "ear size"),
    "eyes": ("eye distance", "eye height", "eye width", "eye opening", "eye slant"),
    "brows": ("brow height", "brow thickness", "brow slant"),
    "nose": ("nose length", "nose width", "nose height"),
    "mouth": ("mouth height", "mouth width", "lip fullness"),
}
