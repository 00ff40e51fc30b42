"""Places recognised in addresses, where they are certain."""

from __future__ import annotations

import pytest

from portal.register.catalogue import Catalogue
from portal.register.importing.places import Places


@pytest.fixture(scope="module")
def places(catalogue: Catalogue) -> Places:
    return Places(catalogue)


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("48 Kangzheng Road, Nanwan, Long Gang Qu, Shenzhen, Guangdong Province", "440300"),
        ("HOU JIE TOWN,DONG GUAN CITY，GUANG DONG  PROVINCE", "441900"),
        ("No.48 Jiayang Road Guangchen Town Pinghu City Jiaxing City Zhejiang China", "330400"),
        ("Kunshan, 215343, Jiangsu", "320500"),
        ("2799 Humin Road,Shanghai", "310000"),
        ("江苏省苏州市工业园区星湖街328号", "320500"),
        ("深圳市南山区科技路1号", "440300"),
        ("JIN TANG INDUSTRY PARK JIANGXI Jiangxi", "360000"),
        ("Lot 5026 Suzhou China", None),  # in Jiangsu, in Anhui, in Gansu
        ("No. 2 South Guangzhou Road", None),
        ("FuYang District", None),  # of Hangzhou, or the city in Anhui
        ("Zhejiang Building, Jinan, Shandong", None),
        ("", None),
    ],
)
def test_addresses(places: Places, address: str, place: str | None) -> None:
    assert places.in_china([address]) == place


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("CN", "CN"),
        ("CHINA", "CN"),
        ("中华人民共和国", "CN"),
        ("VN", "VN"),
        ("Viet nam", "VN"),
        ("TW", "710000"),
        ("Hong Kong", "810000"),
        ("No. 5 Road", None),
        ("", None),
    ],
)
def test_countries(places: Places, word: str, code: str | None) -> None:
    assert places.country(word) == code
