"""The list of references and the names by which chapters cite: one style, from references.bib."""

import re
from pathlib import Path

import pytest
import references

BOOK = Path(__file__).resolve().parents[2] / "book"
ENTRIES = r"""
@article{one, author = {Mont{\'u}far, Guido}, title = {{ReLU} and $L_2$}, year = {2014},
  journal = {Nature}, volume = {5}, number = {2}, pages = {1--9}}
@book{two, author = {van der Maaten, Laurens and Hinton, Geoffrey E.}, title = {What Is It?},
  publisher = {Press}, year = {2008}, note = {Entry from memory}}
@misc{three, author = {{ISO/IEC}}, title = {A Standard}, year = {2021},
  howpublished = {Leaflet, \url{https://example.org/a_b}}}
@inproceedings{four, author = {Sung, Kah-Kay and B, C. and D, E.}, title = {Beta},
  booktitle = {A Conference}, year = {1998}, doi = {10.1/x}}
@techreport{five, author = {Sung, K. and X, Y. and Z, A.}, title = {Alpha}, year = {1998},
  institution = {A School}, number = {7}, url = {https://example.org/c_d}}
"""


@pytest.fixture
def bib(tmp_path):
    """A file of entries."""
    path = tmp_path / "references.bib"
    path.write_text(ENTRIES, "utf-8")
    return path


def test_names_are_as_people_write_them_and_tell_like_ones_apart(bib):
    names = {key: references.citation(name) for key, name in references.names(bib).items()}
    assert names == {
        "one": "Montúfar, 2014",
        "two": "van der Maaten and Hinton, 2008",
        "three": "ISO/IEC, 2021",
        "four": "Sung et al., 1998b",
        "five": "Sung et al., 1998a",
    }


def test_the_list_is_in_order_and_holds_what_is_known(bib):
    assert references.page(bib).splitlines()[2::2] == [
        references.MARK,
        '<a id="three"></a>ISO/IEC (2021). A Standard. Leaflet, <https://example.org/a_b>.',
        '<a id="one"></a>Montúfar, G. (2014). ReLU and $L_2$. *Nature*, 5(2), 1–9.',
        '<a id="five"></a>Sung, K., X, Y. and Z, A. (1998a). Alpha. Technical Report 7, A School. '
        "<https://example.org/c_d>.",
        '<a id="four"></a>Sung, K.-K., B, C. and D, E. (1998b). Beta. In *A Conference*. '
        "<https://doi.org/10.1/x>.",
        '<a id="two"></a>van der Maaten, L. and Hinton, G. E. (2008). *What Is It?* Press. '
        "*Entry from memory*.",
    ]


def test_citations_get_their_names_in_the_form_they_have(bib):
    text = (
        "[x](references.md#one), [y (1)](references.md#two), [z](references.md#no), [a](b.md#one)"
    )
    expected = (
        "[Montúfar, 2014](references.md#one), [van der Maaten and Hinton (2008)]"
        "(references.md#two), [z](references.md#no), [a](b.md#one)"
    )
    assert references.with_names(text, references.names(bib)) == expected


def test_the_books_list_is_up_to_date_and_every_entry_is_cited():
    assert references.main(["--check"]) == 0, "run `python tools/references.py`"
    chapters = "".join(path.read_text("utf-8") for path in BOOK.glob("*.ipynb"))
    cited = {found["key"] for found in references.CITATION.finditer(chapters)}
    assert cited == set(references.names(BOOK / "references.bib"))


def test_no_entry_shows_tex_or_a_code():
    text = re.sub(r"\$.*?\$", "", (BOOK / "references.md").read_text("utf-8"))
    assert re.findall(r"[\\{}\[\]]", text) == []
