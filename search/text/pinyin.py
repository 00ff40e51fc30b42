"""Pinyin without tones: readings of characters and runs, and the readings a typed Latin word can have.

The index holds pairs of neighbouring syllables ("zhou'cheng"): the apostrophe keeps them apart from Latin words, which
never have one. A typed word is matched by the pairs that every way of dividing it into syllables needs.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise, product

import pypinyin
from pypinyin.constants import PHRASES_DICT
from pypinyin.seg.mmseg import p_set

from search.text.folding import MAX_TOKEN

MAX_PAIRS = 4
"""Readings indexed for two neighbouring characters: the contextual one and alternatives (rule 18)."""
MAX_WAYS = 12
"""Ways to divide an ambiguous stretch of a typed word that are tried, longest syllables first."""
MAX_TYPED = 200
"""Longer Latin words are not taken for pinyin."""

_SYLLABLES = """
    a ai an ang ao ba bai ban bang bao bei ben beng bi bian biao bie bin bing bo bu ca cai can cang cao ce cen ceng
    cha chai chan chang chao che chen cheng chi chong chou chu chua chuai chuan chuang chui chun chuo ci cong cou cu
    cuan cui cun cuo da dai dan dang dao de dei den deng di dia dian diao die ding diu dong dou du duan dui dun duo
    e ei en eng er fa fan fang fei fen feng fo fou fu ga gai gan gang gao ge gei gen geng gong gou gu gua guai guan
    guang gui gun guo ha hai han hang hao he hei hen heng hong hou hu hua huai huan huang hui hun huo ji jia jian
    jiang jiao jie jin jing jiong jiu ju juan jue jun ka kai kan kang kao ke kei ken keng kong kou ku kua kuai kuan
    kuang kui kun kuo la lai lan lang lao le lei leng li lia lian liang liao lie lin ling liu lo long lou lu luan
    lun luo lv lve ma mai man mang mao me mei men meng mi mian miao mie min ming miu mo mou mu na nai nan nang nao
    ne nei nen neng ni nian niang niao nie nin ning niu nong nou nu nuan nuo nv nve o ou pa pai pan pang pao pei pen
    peng pi pian piao pie pin ping po pou pu qi qia qian qiang qiao qie qin qing qiong qiu qu quan que qun ran rang
    rao re ren reng ri rong rou ru ruan rui run ruo sa sai san sang sao se sen seng sha shai shan shang shao she
    shei shen sheng shi shou shu shua shuai shuan shuang shui shun shuo si song sou su suan sui sun suo ta tai tan
    tang tao te teng ti tian tiao tie ting tong tou tu tuan tui tun tuo wa wai wan wang wei wen weng wo wu xi xia
    xian xiang xiao xie xin xing xiong xiu xu xuan xue xun ya yan yang yao ye yi yin ying yo yong you yu yuan yue
    yun za zai zan zang zao ze zei zen zeng zha zhai zhan zhang zhao zhe zhen zheng zhi zhong zhou zhu zhua zhuai
    zhuan zhuang zhui zhun zhuo zi zong zou zu zuan zui zun zuo
"""
SYLLABLES = frozenset(_SYLLABLES.split())
_TYPED = {syllable: (syllable,) for syllable in SYLLABLES} | {
    # 铝 is typed lv on keyboards, lu or lyu on paper; lve likewise.
    **{f"{initial}u": (f"{initial}u", f"{initial}v") for initial in "ln"},
    **{f"{initial}yu": (f"{initial}v",) for initial in "ln"},
    **{f"{initial}{glide}e": (f"{initial}ve",) for initial in "ln" for glide in ("u", "yu")},
}
_LONGEST = max(map(len, _TYPED))
_OTHERWISE_READ = """
    乐le/yue 了liao/le 传chuan/zhuan 便bian/pian 刨bao/pao 刹cha/sha 削xue/xiao 剥bo/bao 劲jin/jing 卡ka/qia
    参can/shen 和he/huo 咳ke/hai 圈quan/juan 堡bao/bu/pu 塞sai/se 壳ke/qiao 宿su/xiu 屏ping/bing 属shu/zhu
    差cha/chai 度du/duo 弹dan/tan 扎zha/za 扛kang/gang 折zhe/she 抹mo/ma 拓tuo/ta 择ze/zhai 曾zeng/ceng
    朝zhao/chao 朴pu/piao 柏bai/bo 栅shan/zha 校xiao/jiao 椎zhui/chui 模mo/mu 没mei/mo 泊bo/po 率lv/shuai
    畜chu/xu 的de/di 盛sheng/cheng 省sheng/xing 着zhe/zhuo 称cheng/chen 粘zhan/nian 系xi/ji 纤xian/qian
    给gei/ji 绿lv/lu 脉mai/mo 薄bo/bao 藏cang/zang 蛤ge/ha 血xue/xie 行xing/hang 觉jue/jiao 角jiao/jue
    调diao/tiao 贾jia/gu 还huan/hai 都du/dou 重zhong/chong 钥yao/yue 长chang/zhang 露lu/lou 降jiang/xiang
    单dan/shan 会hui/kuai 种zhong/chong 轧zha/ya 厦sha/xia 蚌beng/bang 秘mi/bi 尉wei/yu 六liu/lu 车che/ju
    解jie/xie 区qu/ou 仇chou/qiu 浒hu/xu 涡wo/guo
"""
_HETERONYMS = {entry[0]: tuple(entry[1:].split("/")) for entry in _OTHERWISE_READ.split()}
"""Characters of trade and names that pypinyin's 47,000 phrases read in a second way at least once in twenty times."""
UNREAD = ""
"""Stands for the syllable of a character that has no reading (kana, Hangul, rare signs)."""

Ways = tuple[tuple[str, ...], ...]
"""Alternatives, each a set of pairs that must all be there."""


@lru_cache(maxsize=8192)
def readings(character: str) -> tuple[str, ...]:
    """The readings of one character that one may expect: its commonest, and others from the list of heteronyms."""
    found = pypinyin.pinyin(character, style=pypinyin.Style.NORMAL, heteronym=True, errors="ignore")
    usual = [syllable for syllable in (found[0] if found else ()) if syllable in SYLLABLES][:1]
    return tuple(dict.fromkeys([*usual, *_HETERONYMS.get(character, ())]))


@lru_cache(maxsize=32768)
def _phrase_reading(phrase: str) -> tuple[str, ...]:
    found = pypinyin.lazy_pinyin([phrase], errors="ignore")
    if len(found) != len(phrase):
        found = [(readings(character) or (UNREAD,))[0] for character in phrase]
    return tuple(syllable if syllable in SYLLABLES else UNREAD for syllable in found)


@lru_cache(maxsize=8192)
def reading(run: str) -> tuple[str, ...]:
    """The syllable of each character of a run, read in context (长 is zhang, in 长沙 it is chang).

    Divided into phrases by longest match like pypinyin.seg.mmseg, whose own entry looks all up anew for each text.
    """
    read: list[str] = []
    start, size = 0, len(run)
    while start < size:
        end = phrase_end = start + 1
        while end < size and run[start : end + 1] in p_set:
            end += 1
            if run[start:end] in PHRASES_DICT:
                phrase_end = end
        read += _phrase_reading(run[start:phrase_end])
        start = phrase_end
    return tuple(read)


@lru_cache(maxsize=65536)
def _pair(two: str, left_read: str, right_read: str) -> tuple[str, ...]:
    """The pairs of two neighbours, the contextual one first, then as the two are read alone, then the others."""
    alone = _phrase_reading(two) if two in PHRASES_DICT else _phrase_reading(two[0]) + _phrase_reading(two[1])
    lefts = dict.fromkeys((left_read, alone[0], *readings(two[0])))
    rights = dict.fromkeys((right_read, alone[1], *readings(two[1])))
    found = dict.fromkeys([(left_read, right_read), alone, *product(lefts, rights)])
    return tuple([f"{a}'{b}" for a, b in found if a and b][:MAX_PAIRS])


def pairs(run: str) -> list[str]:
    """The pairs of syllables of a run that its document is found by."""
    read = reading(run)
    found: list[str] = []
    for index, (left, right) in enumerate(pairwise(read)):
        found += _pair(run[index : index + 2], left, right)
    return list(dict.fromkeys(found))


def contextual_pairs(run: str) -> list[str]:
    """The pairs of the contextual reading alone."""
    return [f"{a}'{b}" for a, b in pairwise(reading(run)) if a and b]


@lru_cache(maxsize=2048)
def typed_pinyin(word: str) -> tuple[Ways, ...]:
    """What a typed word needs as pinyin of at least two syllables: of each element one way. Empty: it is none.

    Where every division has a boundary, one pair across it is needed; between such boundaries, if no single syllable
    spans them, one of the divisions. So nothing grows with the number of divisions of the whole word.
    """
    edges = _edges(word)
    if not edges:
        return ()
    size = len(word)
    cuts = [p for p in range(1, size) if not any(start < p < end for start, end in edges)]
    needed: list[Ways] = []
    for low, high in pairwise([0, *cuts, size]):
        if (low, high) not in edges or (low, high) == (0, size):
            ways = [way for way in _ways(low, high, edges) if len(way) > 1]
            needed.append(_spelled(word, ways))
    for cut in cuts:
        across = product([e for e in edges if e[1] == cut], [e for e in edges if e[0] == cut])
        needed.append(_spelled(word, [list(pair) for pair in across]))
    return tuple(ways for ways in needed if ways)


def spaced_pinyin(syllables: list[str]) -> tuple[Ways, ...]:
    """The same of syllables that were typed apart (zhou cheng)."""
    return tuple(tuple((f"{a}'{b}",) for a, b in product(_TYPED[x], _TYPED[y])) for x, y in pairwise(syllables))


@lru_cache(maxsize=1024)
def sounds_typed(syllable: str) -> tuple[str, ...]:
    """Every way to type a syllable."""
    return tuple(typed for typed, syllables in _TYPED.items() if syllable in syllables)


def is_syllable(word: str) -> bool:
    """Whether a typed word is one syllable."""
    return word in _TYPED


def _edges(word: str) -> set[tuple[int, int]]:
    """The syllables, as (start, end), that lie on some way through the whole word."""
    size = len(word)
    if not word.isascii() or not word.isalpha() or size > MAX_TYPED:
        return set()
    spans = [(i, j) for i in range(size) for j in range(i + 1, min(i + _LONGEST, size) + 1) if word[i:j] in _TYPED]
    reached, ends = {0}, {size}
    for start, end in spans:
        if start in reached:
            reached.add(end)
    for start, end in reversed(spans):
        if end in ends:
            ends.add(start)
    return {(start, end) for start, end in spans if start in reached and end in ends}


def _ways(low: int, high: int, edges: set[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    """At most MAX_WAYS + 1 ways from `low` to `high`, longest syllables first (every edge leads on)."""
    found: list[list[tuple[int, int]]] = []
    stack: list[list[tuple[int, int]]] = [[(low, low)]]
    while stack and len(found) <= MAX_WAYS:
        way = stack.pop()
        position = way[-1][1]
        if position == high:
            found.append(way[1:])
            continue
        ahead = (position + length for length in range(1, _LONGEST + 1))
        stack.extend([*way, (position, end)] for end in ahead if (position, end) in edges and end <= high)
    return found


def _spelled(word: str, ways: list[list[tuple[int, int]]]) -> Ways:
    """Ways over positions as pairs of syllables, with every reading of what was typed."""
    spelled: dict[tuple[str, ...], None] = {}
    for way in ways:
        choices = [_TYPED[word[start:end]] for start, end in way]
        for syllables in product(*choices[:6], *(choice[:1] for choice in choices[6:])):
            spelled[tuple(f"{a}'{b}"[:MAX_TOKEN] for a, b in pairwise(syllables))] = None
    return tuple(spelled)
