"""Each kind of fault in a catalogue is named by file and line: a copy of the default one is spoiled in one place."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from portal.register.catalogue import CatalogueError, Problem, check_catalogue, load_catalogue
from portal.register.catalogue.reading import toml_lines

DEFAULT = Path(__file__).parents[2] / "config" / "catalogue"
SHIJIAZHUANG = "130100,石家庄市,Shijiazhuang,130000,prefecture"
EXCELLENCE = "X01-05,导入卓越绩效管理,Performance excellence applied,"
COMPLAINTS = ",yes_no,,,,,有书面的投诉处理程序"
OWN_BRAND = ",专精特新中小企业认定标准（2022）指标6C,yes,no"
ENERGY = 'tce per CNY 10,000",,0.3,'
YARN = "1711,棉纺纱加工,Cotton yarn spinning,"
SPROCKET = "链轮,sprocket;sprockets"

Change = Callable[[str, str, str], int]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A copy to spoil."""
    return shutil.copytree(DEFAULT, tmp_path / "catalogue")


@pytest.fixture
def change(directory: Path) -> Change:
    """Replace a text that stands once in a file of the copy; gives the line where it stood."""

    def apply(file: str, old: str, new: str) -> int:
        text = (directory / file).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
        (directory / file).write_text(text.replace(old, new), encoding="utf-8")
        return text.count("\n", 0, text.index(old)) + 1

    return apply


def line_of(directory: Path, file: str, start: str) -> int:
    """The line that begins with `start`."""
    lines = (directory / file).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if line.startswith(start))


def append(directory: Path, file: str, text: str) -> int:
    """Add a line to a file; gives its number."""
    path = directory / file
    before = path.read_text(encoding="utf-8")
    path.write_text(f"{before}{text}\n", encoding="utf-8")
    return before.count("\n") + 1


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("processes.csv", "Forging,machinery;", "Forging,machines;", "sectors 'machines' is unknown"),
        ("processes.csv", "forging,锻造,Forging", "forging,锻造,", "name_en is missing"),
        ("processes.csv", "forging,锻造", "for:ging,锻造", "code 'for:ging' may only have"),
        ("processes.csv", "forging,锻造", "forging, 锻造", "name_zh has spaces around it"),
        ("processes.csv", "Stamping,machinery;", "Stamping,machinery;;", "sectors has an empty item"),
        ("processes.csv", "Stamping,machinery;", "Stamping,machinery;machinery;", "sectors repeats an item"),
        ("sectors.csv", ",17;18,", ",17;18x,", "gbt4754 '18x' is not a code prefix"),
        ("industries.csv", f"{YARN}textiles", f"{YARN}steel", "sector 'steel', but by sectors.csv '1711' falls under"),
        ("industries.csv", f"{YARN}textiles", f"{YARN}cloth", "sector 'cloth' is unknown"),
        ("industries.csv", YARN, YARN.replace("1711", "1X11"), "code '1X11' is not a GB/T 4754 code"),
        ("industries.csv", YARN, YARN.replace("1711", "1611"), "no industry above '1611'"),
        ("tiers.csv", ",2,3,", ",1,3,", "rank 1 does not rise"),
        ("units.csv", "province,140000,6,4", "state,140000,6,4", "kind 'state' is not one of province, city, corps"),
        ("units.csv", "province,140000,6,4", "province,149999,6,4", "regions '149999' is unknown"),
        ("units.csv", "province,140000,6,4", "province,,6,4", "regions is missing"),
        ("units.csv", "province,140000,6,4", "province,140000,7,4", "column 7, row 4 is already the tile of '130000'"),
        ("units.csv", "province,140000,6,4", "province,140000,6,99", "column and row must be from 1 to 16"),
        ("targets.toml", "goal = 100\n", "goal = 0\n", "goal must be above 0"),
        ("targets.toml", "due = 2025-12-31", "due = 2020-12-31", "due must be later than base"),
        ("targets.toml", "level=gbt19001", "level=gbt1", "search: level 'gbt1' is unknown"),
        ("targets.toml", "level=gbt19001", "q=a", "search: 'q' is not one of sector, industry,"),
        ("targets.toml", "size=micro,small,medium&level=gbt19001", "anything", "search is not an address like"),
        ("targets.toml", "goal = 100\n", "units = 3\ngoal = 100\n", "units must be a table of numbers"),
        ("guidance.csv", "scheme,ccc,", "scheme,cccc,", "scheme 'cccc' is unknown"),
        ("guidance.csv", "scheme,ccc,", "group,ccc,", "group 'ccc' is unknown"),
        ("guidance.csv", "scheme,ccc,", "schema,ccc,", "kind 'schema' is not one of scheme, level, group"),
        ("guidance.csv", "scheme,ccc,", "scheme,gbt19001,", "scheme 'gbt19001' is already at line"),
        ("guidance.csv", "level,quality_capability:inspection,", "level,inspection,", "level 'inspection' is unknown"),
        ("guidance.csv", ",产品型式试验报告、工厂检查,", ",,", "evidence_zh is missing"),
        ("tiers.csv", ",2,3,", ",2,0,", "years must be at least 1"),
        ("tiers.csv", ",2,3,", ",two,3,", "rank 'two' is not a whole number"),
        ("regions.csv", SHIJIAZHUANG, SHIJIAZHUANG.replace(",130000,", ",990000,"), "parent '990000' is unknown"),
        ("regions.csv", SHIJIAZHUANG, SHIJIAZHUANG.replace(",130000,", ",,"), "a prefecture cannot lie under nothing"),
        ("regions.csv", SHIJIAZHUANG, SHIJIAZHUANG.replace("prefecture", "town"), "kind 'town' is not one of country"),
        ("regions.csv", "河北省,Hebei,,", "河北省,Hebei,130100,", "parent '130100' leads back to '130000'"),
        ("retired_regions.csv", "崇文区,110101", "崇文区,110199", "successor '110199' is unknown"),
        ("retired_regions.csv", "110103,崇文区", "110102,崇文区", "code '110102' is a present place, at regions.csv:4"),
        ("groups.csv", "Brand building,brand", "Brand building,fame", "dimension 'fame' is not one of quality"),
        ("criteria.csv", f"{EXCELLENCE}quality,", f"{EXCELLENCE}qualty,", "group 'qualty' is unknown"),
        ("criteria.csv", f"{EXCELLENCE}quality,,,graded,", f"{EXCELLENCE}quality,,,often,", "evidence 'often' is not"),
        ("criteria.csv", ",machinery,3443,", ",machines,3443,", "sector 'machines' is unknown"),
        ("criteria.csv", ",machinery,3443,", ",machinery,9999,", "industries '9999' is unknown"),
        ("criteria.csv", ",machinery,3443,", ",machinery,3130,", "industries '3130' falls under sector 'steel'"),
        ("criteria.csv", ENERGY, ENERGY.replace("0.3", ""), "a number needs at_least or at_most"),
        ("criteria.csv", ENERGY, ENERGY.replace(",,", ",1,"), "and one of them only"),
        ("criteria.csv", ENERGY, ENERGY.replace("0.3", "low"), "at_most 'low' is not a number"),
        ("criteria.csv", COMPLAINTS, COMPLAINTS.replace(",,,,,", ",%,,,,"), "only a number has a unit and a threshold"),
        ("criteria.csv", COMPLAINTS, COMPLAINTS.replace("yes_no", "number"), "a number needs a unit"),
        ("criteria.csv", "有书面的投诉处理程序，规定24小时内响应；近12个月的投诉均有记录，90%以上按期关闭。", "",
         "met_zh is missing"),
        ("criteria.csv", OWN_BRAND, OWN_BRAND.replace("yes", "maybe"), "verified 'maybe' is not one of yes"),
        ("criteria.csv", OWN_BRAND, ",,yes,no", "without a reference, verified must be no"),
        ("criteria.csv", OWN_BRAND, OWN_BRAND.replace(",no", ",often"), "common 'often' is not yes or no"),
        ("criteria.csv", OWN_BRAND, f"{OWN_BRAND},more", "17 cells where the header has 16"),
        ("synonyms.csv", SPROCKET, "链轮,", "a synonym needs two different words"),
        ("synonyms.csv", SPROCKET, "链轮,ＢＥＡＲＩＮＧ", "word 'ＢＥＡＲＩＮＧ' is already at line 2"),
        ("company_forms.csv", "GmbH", "LIMITED", "word 'LIMITED' is already at line"),
        ("schemes.toml", "rank = 3", "rank = 2", "rank 2 of level 'assurance' does not rise"),
        ("schemes.toml", 'code = "ccc"', 'code = "gbt19001"', "code 'gbt19001' is already at line"),
        ("schemes.toml", 'bases = ["self", ', 'bases = ["herself", ', "bases 'herself' is not one of self"),
        ("schemes.toml", 'bases = ["self", "second_party", "third_party"]', "bases = []", "bases is missing"),
        ("schemes.toml", 'short_zh = "CCC"', 'short_zho = "CCC"', "unknown key 'short_zho'"),
        ("methods.toml", "[method.weights]", "[method.weights]\nspare = 0", "weights.spare 'spare' is unknown"),
        ("methods.toml", "[method.weights]\nquality = 16", "[method.weights]\nquality = 17", "add up to 101, not 100"),
        ("methods.toml", "brand = 8", "brand = -8", "weights.brand is below 0"),
        ("methods.toml", "minimum_assessed = 0.3", "minimum_assessed = 30", "minimum_assessed must be between 0 and 1"),
        ("catalogue.toml", "as_of = 2025-12-31", 'as_of = "soon"', "as_of 'soon' is not a date"),
        ("catalogue.toml", "demonstration = true", "demonstration = true true", "not valid TOML"),
    ],
)  # fmt: skip
def test_a_fault_is_named(directory: Path, change: Change, file: str, old: str, new: str, message: str) -> None:
    line = change(file, old, new)
    with pytest.raises(CatalogueError, match=re.escape(message)) as raised:
        load_catalogue(directory)
    found = [problem for problem in raised.value.problems if message in problem.message]
    # A key put below a table's header stands on the line after it.
    assert [(problem.file, problem.line) for problem in found] == [(file, line + ("\nspare" in new))]
    assert f"{file}:{found[0].line}: {found[0].message}" in str(raised.value)


def test_grades_rise_each_once_to_the_end(directory: Path, change: Change) -> None:
    line = change("methods.toml", "best_percent = 20", "best_percent = 4") - 2
    change("methods.toml", 'name = "C"\nbest_percent = 80', 'name = "B"\nbest_percent = 80')
    change("methods.toml", "best_percent = 100", "best_percent = 90")
    assert check_catalogue(directory) == [
        Problem("methods.toml", line, "best_percent 4 of grade 'A' does not rise"),
        Problem("methods.toml", line + 8, "grade 'B' stands twice"),
        Problem("methods.toml", line + 12, "the last grade must reach 100 per cent"),
    ]


def test_a_prefix_under_two_sectors(directory: Path, change: Change) -> None:
    change("sectors.csv", ",17;18,", ",17;18;31,")
    line = line_of(directory, "sectors.csv", "steel,")
    assert Problem("sectors.csv", line, "gbt4754 '31' is already under sector 'textiles'") in check_catalogue(directory)


def test_a_doubled_code_is_told_where_it_stands_again(directory: Path) -> None:
    line = append(directory, "sizes.csv", "micro,微型,Micro")
    assert check_catalogue(directory) == [Problem("sizes.csv", line, "code 'micro' is already at line 5")]


def test_lines_are_counted_over_cells_of_several_lines(directory: Path) -> None:
    append(directory, "sizes.csv", 'tiny,"很\n小",Tiny')
    line = append(directory, "sizes.csv", "micro,微型,Micro")
    assert check_catalogue(directory) == [Problem("sizes.csv", line, "code 'micro' is already at line 5")]


def test_the_sector_that_takes_the_rest_is_needed(directory: Path, change: Change) -> None:
    change("sectors.csv", "other,其他,Other", "rest,其他,Other")
    assert any("no sector 'other'" in problem.message for problem in check_catalogue(directory))


def test_files_that_cannot_be_read(directory: Path) -> None:
    (directory / "sizes.csv").unlink()
    (directory / "statuses.csv").write_bytes("code,name_zh,name_en\nactive,存续,Active\n".encode("gb18030"))
    (directory / "tiers.csv").write_text("code,name\n", encoding="utf-8")
    (directory / "groups.csv").write_text("", encoding="utf-8")
    (directory / "risk_kinds.csv").write_text('code,name_zh,name_en\na,"b,c\n', encoding="utf-8")
    marked = (directory / "processes.csv").read_text(encoding="utf-8")
    (directory / "processes.csv").write_text(marked, encoding="utf-8-sig")
    problems = {problem.file: problem for problem in check_catalogue(directory) if problem.file != "criteria.csv"}
    assert "cannot be read" in problems["sizes.csv"].message
    assert problems["statuses.csv"] == Problem("statuses.csv", 2, "not UTF-8")
    assert problems["tiers.csv"].message.startswith("the header must be code,name_zh,name_en,rank")
    assert problems["groups.csv"].line == 1
    assert "not valid CSV" in problems["risk_kinds.csv"].message
    assert problems["processes.csv"] == Problem("processes.csv", 1, "begins with a byte order mark")


def test_goals_of_units_are_of_known_units(directory: Path) -> None:
    append(directory, "targets.toml", "[target.units]")
    first = append(directory, "targets.toml", "330000 = 12")
    second = append(directory, "targets.toml", "339999 = 1")
    third = append(directory, "targets.toml", "330200 = 0")
    faults = [str(fault) for fault in check_catalogue(directory)]
    assert faults == [
        f"targets.toml:{second}: units '339999' is unknown",
        f"targets.toml:{third}: units.330200 must be a whole number above 0",
    ]
    assert first < second


def test_every_scheme_and_group_says_what_it_takes(directory: Path) -> None:
    path = directory / "guidance.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith(("scheme,ccc,", "group,brand,"))]
    path.write_text("".join(kept), encoding="utf-8")
    assert [str(problem) for problem in check_catalogue(directory)] == [
        "guidance.csv:1: group 'brand' has no guidance",
        "guidance.csv:1: scheme 'ccc' has no guidance",
    ]


def test_an_empty_directory_is_told_whole(tmp_path: Path) -> None:
    assert len({problem.file for problem in check_catalogue(tmp_path)}) == 19
    with pytest.raises(CatalogueError) as raised:
        load_catalogue(tmp_path)
    assert list(raised.value.problems) == check_catalogue(tmp_path)


@pytest.mark.parametrize(
    "text", ["scheme = 3\n", "[scheme]\ncode = 1\n", "scheme = [1]\n", "", "[[scheme]]\nlevel = 1\n"]
)
def test_toml_of_another_shape(directory: Path, text: str) -> None:
    (directory / "schemes.toml").write_text(text, encoding="utf-8")
    assert any(problem.file == "schemes.toml" for problem in check_catalogue(directory))


def test_a_swapped_catalogue_may_be_small(directory: Path) -> None:
    for file in ("criteria.csv", "synonyms.csv", "retired_regions.csv", "company_forms.csv"):
        header = (directory / file).read_text(encoding="utf-8").splitlines()[0]
        (directory / file).write_text(header + "\n", encoding="utf-8")
    assert check_catalogue(directory) == []
    assert load_catalogue(directory).criteria == {}


def test_the_fingerprint_follows_the_files(directory: Path) -> None:
    before = load_catalogue(directory).fingerprint
    assert before == load_catalogue(DEFAULT).fingerprint
    append(directory, "company_forms.csv", "& Söhne")
    assert load_catalogue(directory).fingerprint != before


def test_lines_of_toml() -> None:
    text = 'a = 1\n[[s]]\n# note\nb = 2\n[[s.l]]\nc = 3\n[[s]]\n[[s.l]]\n[[s.l]]\nd = "x"\n[m.w]\ne = 1\n'
    lines = toml_lines(text)
    assert lines["a",] == 1
    assert lines["s", 0, "b"] == 4
    assert lines["s", 0, "l", 0, "c"] == 6
    assert lines["s", 1, "l", 1, "d"] == 10
    assert lines["m", "w", "e"] == 12
