"""Your own images: a folder that holds one folder for each class."""

from facebook_tut.data.folder.classes import class_names
from facebook_tut.data.folder.images import ImageFolder, load_folder
from facebook_tut.data.folder.reading import Skipped
