"""Fictional firms as a stream: the same seed, year and index give the same firm, whatever came before it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from portal.register.catalogue import Catalogue
from portal.register.clock import today_china
from portal.register.facts import AchievementFacts, AssessmentFacts, ProvenanceFacts, SupplierRecord
from portal.register.sample.assessing import Assessor
from portal.register.sample.certifying import Certifier
from portal.register.sample.firms import FirmMaker, Outline
from portal.register.sample.words import Vocabulary

PROVENANCE = ProvenanceFacts(
    issuing_body="寻源演示数据（虚构） · Xunyuan sample data (fictional)",
    title="虚构企业，仅供演示 · fictional firms, for demonstration only",
)
ACHIEVEMENTS = (
    ("in_use", "{0}数字化产线应用", "Digital production line for {1}"),
    ("in_use", "{0}绿色制造工艺应用", "Green manufacturing process for {1}"),
    ("on_offer", "高性能{0}制备技术", "Technology for high-performance {1}"),
    ("wanted", "{0}在线检测技术需求", "Wanted: in-line inspection of {1}"),
    ("wanted", "{0}寿命预测方法需求", "Wanted: life prediction of {1}"),
)


@dataclass(frozen=True, slots=True)
class SampleFirm:
    """A fictional firm; `quality` is what its assessments and certificates follow from."""

    record: SupplierRecord
    quality: float


class SampleMaker:
    """Makes fictional firms for a catalogue.

    `year`: they are as of its 1 January; assessments lie in the two years before. Default: this year in China.
    """

    def __init__(self, catalogue: Catalogue, *, seed: int, year: int | None = None) -> None:
        self.year = year or today_china().year
        self._seed = seed
        words = Vocabulary(catalogue)
        self._firms = FirmMaker(catalogue, words, seed=seed, year=self.year)
        self._assessor = Assessor(catalogue)
        self._certifier = Certifier(catalogue, self.year)

    def firm(self, index: int, *, history: bool = True) -> SampleFirm:
        """Firm `index`; without `history` only its newest assessment."""
        rng = Random(f"{self._seed}/{self.year}/{index}")  # noqa: S311 (nothing secret)
        outline = self._firms.outline(rng, index)
        facts = self._firms.facts(rng, outline)
        quality = outline.quality
        scope = f"{'、'.join(facts.products_zh or ())}的设计和制造"
        record = SupplierRecord(
            supplier=facts,
            certificates=tuple(self._certifier.certificates(rng, outline.line.sector, scope, quality)),
            recognitions=tuple(self._certifier.recognitions(rng, quality)),
            achievements=self._achievements(rng, outline),
            assessments=self._assessments(rng, outline, facts.industries or (), history=history),
        )
        return SampleFirm(record, quality)

    def _assessments(
        self, rng: Random, outline: Outline, industries: tuple[str, ...], *, history: bool
    ) -> tuple[AssessmentFacts, ...]:
        """Four firms in five were assessed last year, half of them the year before as well, when they were worse."""
        if rng.random() > 0.8:
            return ()
        found = []
        for years_ago in (1, 2):
            if years_ago == 2 and (not history or rng.random() > 0.5):
                break
            on = date(self.year - years_ago, 3, 1) + timedelta(days=int(rng.random() * 270))
            quality = outline.quality - 0.15 * (years_ago - 1)
            found.append(self._assessor.assess(rng, outline.line.sector, industries, quality, on))
        return tuple(item for item in found if item is not None)

    def _achievements(self, rng: Random, outline: Outline) -> tuple[AchievementFacts, ...]:
        if rng.random() > 0.22:
            return ()
        kind, title_zh, title_en = ACHIEVEMENTS[int(rng.random() * len(ACHIEVEMENTS))]
        zh, en = outline.line.products[int(rng.random() * len(outline.line.products))]
        return (
            AchievementFacts(
                kind=kind,
                title_zh=title_zh.format(zh),
                title_en=title_en.format("", en),
                description="虚构内容，仅供演示。",
                dated=date(self.year - 1, 1, 1) + timedelta(days=int(rng.random() * 360)),
                self_declared=rng.random() < 0.5,
            ),
        )


def sample_records(
    size: int, seed: int, catalogue: Catalogue, *, year: int | None = None, first: int = 0
) -> Iterator[SupplierRecord]:
    """Fictional firms `first` to `size` - 1."""
    maker = SampleMaker(catalogue, seed=seed, year=year)
    return (maker.firm(index).record for index in range(first, size))
