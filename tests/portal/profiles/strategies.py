"""Contents as a form can make them."""

from __future__ import annotations

from hypothesis import strategies as st

from portal.profiles.content import (
    GROUPS,
    Contact,
    Content,
    Description,
    Equipment,
    Market,
    OwnAchievement,
    OwnCertificate,
    Process,
    Product,
    Reference,
    Site,
    Telephone,
    Website,
)

WORDS = st.sampled_from(["轴承", "bearing", "<b>滚珠</b>", "🏭 工厂", "it's “quoted” & so", "a\tb", "x" * 40])
EMPTY = st.just("")


def lists(item: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(item, max_size=3).map(tuple)


CONTENTS: st.SearchStrategy[Content] = st.builds(
    Content,
    description=st.builds(
        Description, st.sampled_from(["", "第一行\n第二行", "🏭"]), st.sampled_from(["", "Made here."])
    ),
    products=lists(st.builds(Product, st.sampled_from(["轴承", "滚珠"]), st.sampled_from(["", "bearing"]))),
    processes=lists(
        st.builds(
            Process,
            st.sampled_from(["casting", "forging"]),
            st.sampled_from(["in_house", "subcontracted"]),
            st.sampled_from(["", "500 t"]),
            st.none() | st.integers(0, 730),
        )
    ),
    sites=lists(st.builds(Site, st.sampled_from(["330206", "110000"]), st.just("一厂"), EMPTY)),
    equipment=lists(st.builds(Equipment, st.just("车床"), st.none() | st.integers(1, 99), st.none() | st.just(2021))),
    markets=lists(st.builds(Market, st.just("欧洲"), EMPTY)),
    references=lists(st.builds(Reference, st.just("某集团"), EMPTY, EMPTY)),
    certificates=lists(st.builds(OwnCertificate, st.just("AS9100"), EMPTY, EMPTY, EMPTY, st.just("2027-01-01"))),
    achievements=lists(
        st.builds(OwnAchievement, st.sampled_from(["in_use", "wanted"]), st.just("新工艺"), EMPTY, EMPTY, EMPTY)
    ),
    website=st.builds(Website, st.sampled_from(["", "https://www.example.com/a?b=c"])),
    telephone=st.builds(Telephone, st.sampled_from(["", "0574-8765 4321"])),
    contacts=lists(st.builds(Contact, st.just("王芳"), EMPTY, st.just("13800001234"), EMPTY)),
    buyers_only=st.lists(st.sampled_from(list(GROUPS)), unique=True, max_size=3).map(
        lambda names: tuple(name for name in GROUPS if name in names)
    ),
)
