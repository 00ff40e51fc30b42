"""Two editors at one draft: every edit of both is there, or shown as one to choose."""

from __future__ import annotations

from hypothesis import given

from portal.profiles.content import GROUPS, Content, Product, Website, take_parts
from portal.profiles.joining import join, left_to_them, prints_of
from tests.portal.profiles.strategies import CONTENTS


def same_part(one: Content, other: Content, name: str) -> bool:
    return getattr(one, name) == getattr(other, name) and (name in one.buyers_only) == (name in other.buyers_only)


@given(base=CONTENTS, mine=CONTENTS, theirs=CONTENTS)
def test_no_edit_is_lost(base: Content, mine: Content, theirs: Content) -> None:
    joined = join(prints_of(base), mine, theirs)
    for name in GROUPS:
        i_changed, they_changed = not same_part(base, mine, name), not same_part(base, theirs, name)
        if name in joined.conflicts:
            assert i_changed
            assert they_changed
            assert same_part(joined.content, mine, name)  # and theirs is what is there now
        elif i_changed:
            assert same_part(joined.content, mine, name)
        else:
            assert same_part(joined.content, theirs, name)


@given(base=CONTENTS, mine=CONTENTS, theirs=CONTENTS)
def test_a_conflict_ends_with_what_was_chosen(base: Content, mine: Content, theirs: Content) -> None:
    joined = join(prints_of(base), mine, theirs)
    left = joined.conflicts[::2]
    after = join(left_to_them(prints_of(theirs), joined.content, left), joined.content, theirs)
    assert after.conflicts == ()
    for name in joined.conflicts:
        assert same_part(after.content, theirs if name in left else mine, name)


@given(mine=CONTENTS, theirs=CONTENTS)
def test_prints_that_make_no_sense_lose_nothing(mine: Content, theirs: Content) -> None:
    joined = join("nonsense", mine, theirs)
    assert joined.conflicts == tuple(name for name in GROUPS if not same_part(mine, theirs, name))


def test_who_may_see_a_group_goes_with_it() -> None:
    hidden = Content(products=(Product("轴承"),), buyers_only=("products",))
    assert take_parts(Content(website=Website("https://a.example")), hidden, ("products",)).buyers_only == ("products",)
    assert take_parts(hidden, Content(products=(Product("轴承"),)), ("products",)).buyers_only == ()
