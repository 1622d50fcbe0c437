"""Whose photographs are spoiled."""

from peers.conditions import choose_people

from facebook_tut.data.lfw import Pairs, Photo


def test_the_people_of_a_smaller_sample_come_first():
    names = [f"person {number}" for number in range(20)]
    left = [Photo(name, number) for name in names for number in (1, 3)]
    right = [Photo(name, number) for name in names for number in (2, 4)]
    pairs = Pairs([*left, Photo("Ann", 1)], [*right, Photo("Bo", 1)])
    chosen = choose_people(pairs, 8)
    assert len({one.name for one, _ in chosen}) == 8
    assert all((one.name, one.number, two.number) == (two.name, 1, 2) for one, two in chosen)
    assert choose_people(pairs, 3) == chosen[:3]
