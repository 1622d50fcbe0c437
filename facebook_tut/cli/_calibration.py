"""The command calibrate: the threshold for a wanted FAR from the user's own pictures."""

from facebook_tut._files import check_writable
from facebook_tut._validation import check_file
from facebook_tut.cli import _recognizer
from facebook_tut.cli._options import (
    add_most_pixels,
    check_detector,
    check_model,
    check_outputs,
    number,
    path,
    same_file,
    watch,
)
from facebook_tut.cli._pictures import find_people
from facebook_tut.cli._report import complain, finish, with_progress

LEAST_FAR, MOST_FAR, FAR = 1e-9, 0.5, 0.001
COLUMNS = ["picture", "name", "used", "why"]


def add_calibrate(commands):
    """Add the command."""
    text = "Measure on your people which threshold accepts no more than a share of strangers."
    parser = _recognizer._add(commands, "calibrate", _calibrate, text)
    parser.add_argument(
        "folder", type=path, metavar="FOLDER", help="one folder for each person, as for enroll"
    )
    parser.add_argument(
        "--far",
        type=number(LEAST_FAR, MOST_FAR),
        default=FAR,
        help=f"share of the pairs of two people that may be accepted (default: {FAR})",
    )
    parser.add_argument(
        "--gallery", type=path, help="a gallery in which to store the threshold, for all commands"
    )
    add_most_pixels(parser)


COMMANDS = (add_calibrate,)


def _calibrate(options):
    """Print the threshold; a gallery that takes it is locked only while it is written."""
    check_model(options)
    check_detector(options)
    items = find_people(options.folder)
    inputs = [*(item.path for item in items), *filter(None, [options.model, options.gallery])]
    check_outputs(options, *inputs)
    gallery = _gallery(options, items) if options.gallery else None
    recognizer = _recognizer._recognizer(options, gallery)
    shown = with_progress(items, options, "comparing")
    rows = [_recognizer._see(recognizer, item, options) for item in shown]
    _leave_out_copies(rows)
    found = _measure([row for row in rows if row["used"]], options.far)
    rows = [{key: row[key] for key in (*COLUMNS, "warning")} for row in rows]
    _advise(rows)
    code = finish(rows, COLUMNS, _numbers(found), options, _sentences(found))
    if found is None:
        raise ValueError("pictures of two people or more are needed, each says why it is not used")
    _warn(found)
    if options.gallery:
        _keep(found, options, recognizer.gallery.model)
    return code


def _gallery(options, items):
    """Return the gallery that will keep the threshold, once it is clear that it can be written."""
    check_writable(options.gallery, overwrite=True, suffix=".npz")
    check_file("gallery", options.gallery, "gallery")
    if any(same_file(options.gallery, item.path) for item in items):
        raise ValueError(f"--gallery {options.gallery} is one of the files that are read")
    watch(options, options.gallery)
    return _recognizer._load(options.gallery)


def _leave_out_copies(rows):
    """Use no photograph twice, also not under two names: it would be a pair of its own."""
    from facebook_tut.matching import Gallery

    _recognizer._refuse_copies(rows, Gallery())
    for row in rows:
        if row["used"] and row["warning"]:
            row.update(used=False, why=row["warning"])
        if row["warning"]:
            complain(f"warning: {row['picture']}: {row['warning']}")
    _recognizer._blame_missing(rows)


def _advise(rows):
    """Say what to do about pictures in a condition in which the shipped threshold does not hold."""
    from facebook_tut.pipeline import OUT_OF_CONDITION

    count = sum(OUT_OF_CONDITION in str(row["why"]) for row in rows)
    if count:
        complain(
            f"warning: {count} of {len(rows)} pictures were refused for their condition. If the"
            " pictures that you will compare are like them, --any-condition measures a threshold"
            " for such pictures; give it to the other commands, too"
        )


def _measure(rows, far):
    """Return the calibration by the embeddings of rows, or None if they show one person only."""
    from facebook_tut.evaluation import calibrate_threshold

    names = [row["name"] for row in rows]
    if len({*names}) < 2:
        return None
    return calibrate_threshold([row["embedding"] for row in rows], names, far)


def _numbers(found):
    """Return what was found as numbers, for JSON."""
    if found is None:
        return {}
    fmr, fnmr = found.rates.fmr, found.rates.fnmr
    return {
        "far": found.far,
        "threshold": found.threshold,
        "threshold_interval": [found.low, found.high] if found.shown else None,
        "people": found.rates.people,
        "impostor_pairs": fmr.trials,
        "fmr": fmr.value,
        "fmr_interval": [fmr.low, fmr.high],
        "genuine_pairs": fnmr.trials if fnmr else 0,
        "fnmr": fnmr.value if fnmr else None,
        "fnmr_interval": [fnmr.low, fnmr.high] if fnmr else None,
        "least_far": found.least_far,
        "people_for_a_factor_of_2": found.people_for(),
    }


def _sentences(found):
    """Return what was found in words, for the table."""
    if found is None:
        return {}
    fmr, fnmr = found.rates.fmr, found.rates.fnmr
    interval = f" ({found.low:.2f} to {found.high:.2f})" if found.shown else ""
    least = "" if found.shown else "at least "
    return {
        "threshold": f"{found.threshold:.4f}{interval}",
        "FMR there": f"{_words(fmr)} impostor pairs of {found.rates.people} people",
        "FNMR there": f"{_words(fnmr)} genuine pairs" if fnmr else "no person has two pictures",
        "people to know the FMR within a factor of 2": f"{least}{found.people_for()}",
        "intervals": "95 %, over people",
    }


def _words(one):
    return f"{one.value:.2g} ({one.low:.2g} to {one.high:.2g}), {one.successes} of {one.trials}"


def _warn(found):
    pairs, people, needed = found.rates.fmr.trials, found.rates.people, found.people_for()
    if not found.shown:
        complain(
            f"warning: {pairs} impostor pairs cannot show a FAR of {found.far:g}, only one of"
            f" {found.least_far:.2g} (rule of 3): the threshold lies above all of them, and the"
            " true FAR may be higher"
        )
    elif people < needed:
        complain(
            f"warning: the true FAR may differ by more than a factor of 2: {people} people were"
            f" measured, and it takes about {needed} like them"
        )


def _keep(found, options, model):
    """Write the threshold into the gallery, if it is one that the pictures show."""
    from facebook_tut.matching import Gallery

    if not found.shown:
        raise ValueError(
            f"{options.gallery} was left as it is: ask for a --far of {found.least_far:.2g} or"
            " more, or bring more people"
        )
    with Gallery.updating(options.gallery, model, waiting=complain) as gallery:
        gallery.threshold = found.threshold
