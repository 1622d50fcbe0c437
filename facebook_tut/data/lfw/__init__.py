"""Labeled Faces in the Wild: 13,233 photographs of 5,749 people, and the lists that divide them.

The photographs are by Huang, Ramesh, Berg and Learned-Miller (2007), aligned by deep funneling
(Huang, Mattar, Lee and Learned-Miller, 2012). Two views keep a figure honest: View 1 is there for
every choice (of a network, a margin, a crop), View 2, in ten folds, for the report and nothing
else.
"""

from facebook_tut.data.lfw.lists import FOLDS, LISTS, LISTS_ADDRESS, PARTS, Pairs, Photo, photos_of
from facebook_tut.data.lfw.loading import IMAGES_ADDRESS, PEOPLE_FOLDERS, VARIABLE, load_lfw
from facebook_tut.data.lfw.people import FACE_BOX, LFW
