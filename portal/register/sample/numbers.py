"""Credit codes for fictional firms: of valid form, both check characters right.

GB 32100-2015 (18 characters, check by powers of 3 modulo 31) over GB 11714-1997 (organisation code, modulo 11).
The organisation part begins with YX (寻源): a fictional firm shows by its number, and no index repeats one.
"""

from __future__ import annotations

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_VALUE = {sign: place for place, sign in enumerate(ALPHABET)}
_POWERS = tuple(pow(3, place, 31) for place in range(17))
_ORGANISATION = (3, 7, 9, 10, 5, 8, 4, 2)
_SPACE = 31**6
_STEP, _SHIFT = 387_420_489, 104_729


def credit_code(region: str, index: int, seed: int) -> str:
    """The code of firm `index` registered in the county (6 digits)."""
    rest = (index * _STEP + seed * _SHIFT) % _SPACE  # a step without a factor 31: every index its own
    body = ""
    for _ in range(6):
        rest, digit = divmod(rest, 31)
        body += ALPHABET[digit]
    organisation = f"YX{body}"
    base = f"91{region}{organisation}{_organisation_check(organisation)}"
    total = sum(_VALUE[sign] * power for sign, power in zip(base, _POWERS, strict=True))
    return base + ALPHABET[-total % 31]


def _organisation_check(body: str) -> str:
    """The ninth character of an organisation code; letters count from A = 10."""
    total = sum(int(sign, 36) * weight for sign, weight in zip(body, _ORGANISATION, strict=True))
    check = 11 - total % 11
    return {10: "X", 11: "0"}.get(check, str(check))
