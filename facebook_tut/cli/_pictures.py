"""The pictures in files and folders, and in a folder for each person; what is none says why."""

import os

from facebook_tut._folders import (
    Item,
    entries_of,
    is_folder,
    key_of,
    picture_or_why,
    pictures_below,
    read_before,
    reason,
)
from facebook_tut._names import clean_name
from facebook_tut._pictures import read_picture
from facebook_tut.cli._options import check_model, check_outputs
from facebook_tut.cli._report import Failure

NOBODYS = "belongs to nobody: each person's pictures lie in a folder named after them"
NESTED = "a folder in a person's folder: its pictures belong to nobody, move them or it up"


def find_pictures(paths):
    """Return the files among `paths`, and the pictures in the folders among them, in order."""
    seen, found = {}, []
    for path in paths:
        found += pictures_below(path, seen) if is_folder(path) else [Item(path)]
    if not found:
        raise ValueError(f"there is no picture in {', '.join(map(str, paths))}")
    return found


def find_inputs(options):
    """Return a command's pictures, once its network is there and its report replaces no input."""
    check_model(options)
    items = find_pictures(options.pictures)
    inputs = [getattr(options, "gallery", None), options.model, *(item.path for item in items)]
    check_outputs(options, *filter(None, inputs))
    return items


def find_people(folder):
    """Return the pictures of each person: those in the folders of a folder."""
    if not folder.is_dir():
        raise ValueError(f"{folder} must be a folder that holds one folder for each person")
    seen, found, people = {key_of(folder): folder}, [], 0
    for entry in entries_of(folder):
        if is_folder(entry):
            people += 1
            found += _of_person(entry, seen)
        else:
            found += [Item(item.path, item.why or NOBODYS) for item in picture_or_why(entry)]
    if not people:
        raise ValueError(f"{folder} holds no folder: one for each person is wanted")
    return found


def _of_person(folder, seen):
    """Return the pictures in a person's folder, or why there are none."""
    try:
        name = clean_name(os.fsencode(folder.name).decode())
    except ValueError as error:  # not UTF-8 is a ValueError too
        return [Item(folder, f"its name is no person's: {error}")]
    if before := read_before(folder, seen):
        return [Item(folder, before, name)]
    try:
        inside = [(path, is_folder(path)) for path in entries_of(folder)]
    except OSError as error:
        return [Item(folder, reason(error), name)]
    files = [item for path, is_dir in inside if not is_dir for item in picture_or_why(path)]
    found = [Item(item.path, item.why, name) for item in files]
    found += [item for path, is_dir in inside if is_dir for item in _nested(path, name, seen)]
    return found if files else [Item(folder, "it holds no picture", name), *found]


def _nested(folder, name, seen):
    """Return a folder in a person's folder if pictures are in it, or a link led to it before."""
    if before := read_before(folder, {**seen}):  # a copy: it is not read, only looked into
        return [Item(folder, before, name)]
    return [Item(folder, NESTED, name)] if pictures_below(folder, {**seen}) else []


def look(item, work, options):
    """Return what `work` makes of an item's picture, and why it makes nothing."""
    try:
        if item.why:
            raise ValueError(item.why)
        picture = read_picture(item.path, most_pixels=options.most_pixels)
    except (OSError, ValueError) as error:
        return None, Failure(reason(error))
    try:
        return work(picture), ""
    except ValueError as error:
        return None, reason(error)
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        return None, Failure("it would fill the memory")


def is_out_of_memory(error):
    """Return whether an error is that memory is lacking, by Python's name of it or TensorFlow's."""
    return isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError"
