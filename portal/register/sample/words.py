"""The words fictional firms are made of: products by industry, places, brands; fitted to the catalogue in use."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from random import Random

from portal.register.catalogue import Catalogue, Region

FOLDER = Path(__file__).parent
SHORT = re.compile(r"(?:特别行政区|壮族自治区|回族自治区|维吾尔自治区|自治区|省|市)$")
BRACKETS = re.compile(r"\s*\(.*\)$")

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁任沈姚卢"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英建华国庆志海燕文斌宇浩凯鑫鹏飞宁波晨曦雪梅红春秀兰玉珍东升"
ROADS: tuple[tuple[str, str], ...] = (
    ("兴业", "Xingye"),
    ("创新", "Chuangxin"),
    ("工业", "Gongye"),
    ("长江", "Changjiang"),
    ("振兴", "Zhenxing"),
    ("科技", "Keji"),
    ("滨河", "Binhe"),
    ("金桥", "Jinqiao"),
    ("腾飞", "Tengfei"),
    ("人民", "Renmin"),
)
FORMS = (("有限公司", "Co., Ltd."), ("有限责任公司", "Co., Ltd."), ("股份有限公司", "Co., Ltd."))
FORM_WEIGHTS = (86, 94, 100)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of business: an industry with its words, products (中文, English) and processes."""

    industry: str
    sector: str
    word_zh: str
    word_en: str
    products: tuple[tuple[str, str], ...]
    processes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A prefecture (or municipality) with its counties; short names go into firms' names."""

    region: Region
    name_zh: str
    name_en: str
    counties: tuple[Region, ...]


class Weighted:
    """Draws items by weight."""

    def __init__(self, items: list[tuple[int, int]]) -> None:
        self._items = [item for item, _ in items]
        self._bounds = list(accumulate(weight for _, weight in items))

    def draw(self, rng: Random) -> int:
        """One of the items."""
        return rng.choices(self._items, cum_weights=self._bounds)[0]


class Vocabulary:
    """All words, read once. Raises ValueError for a catalogue that knows none of the industries or places."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self.lines: list[Line] = []
        weights: list[tuple[int, int]] = []
        for row in _rows("products.csv"):
            industry = catalogue.industries.get(row["industry"])
            if industry is not None:
                self.lines.append(_line(row, industry.sector, catalogue))
                weights.append((len(weights), int(row["weight"])))
        self.places, drawn = self._places()
        if not self.lines or not self.places:
            raise ValueError("the sample's industries and places are not in this catalogue")
        self.line_weights, self.place_weights = Weighted(weights), Weighted(drawn)
        self.brands = [(row["zh"], row["en"]) for row in _rows("brands.csv")]

    def _places(self) -> tuple[list[Place], list[tuple[int, int]]]:
        places: list[Place] = []
        drawn: list[tuple[int, int]] = []
        for row in _rows("places.csv"):
            province = self._catalogue.regions.get(row["province"])
            if province is None or row["weight"] == "0":
                continue
            named = dict(item.split(":") for item in row["cities"].split(";") if item)
            below = self._catalogue.region_children.get(province.code, ())
            prefectures = [region for region in below if region.kind == "prefecture"] or [province]
            total = sum(int(named.get(SHORT.sub("", region.name_zh), 0)) for region in prefectures)
            for region in prefectures:
                # named cities share nine tenths of their province's weight, the others the rest
                share = int(named.get(SHORT.sub("", region.name_zh), 0))
                rest = 100 / len(prefectures)
                weight = int(row["weight"]) * (900 * share / total + rest if total else 1000 / len(prefectures))
                drawn.append((len(places), max(1, int(weight))))
                places.append(self._place(region))
        return places, drawn

    def _place(self, region: Region) -> Place:
        counties = tuple(item for item in self._catalogue.region_children.get(region.code, ()) if item.kind == "county")
        return Place(region, SHORT.sub("", region.name_zh), BRACKETS.sub("", region.name_en), counties or (region,))

    @cached_property
    def clusters(self) -> dict[str, list[int]]:
        """Places where a sector's firms gather, by sector."""
        at = {place.name_zh: index for index, place in enumerate(self.places)}
        return {
            row["sector"]: [at[name] for name in row["cities"].split(";") if name in at]
            for row in _rows("clusters.csv")
        }


def _line(row: dict[str, str], sector: str, catalogue: Catalogue) -> Line:
    products = tuple((item.split("=")[0], item.split("=")[1]) for item in row["products"].split(";"))
    processes = tuple(code for code in row["processes"].split(";") if code in catalogue.processes)
    return Line(row["industry"], sector, row["word_zh"], row["word_en"], products, processes)


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
