"""Finds the browser that tests the pages, measures them and prints the book."""

import shutil

# The shell draws the same pages in a good half of the time; Debian has it in a package of its own.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def launch(playwright, *arguments):
    """Start a headless Chromium: the system's, or playwright's own.

    Raises `playwright.sync_api.Error` where there is none.
    """
    path = next(filter(None, map(shutil.which, NAMES)), None)
    return playwright.chromium.launch(executable_path=path, args=["--no-sandbox", *arguments])
