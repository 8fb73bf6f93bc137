"""Numbers in words, and the units that are written close to a number."""

from __future__ import annotations

NUMERALS = {
    word: number
    for number, word in enumerate(
        "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
        "eighteen nineteen twenty".split(),
        1,
    )
} | {word: 10 * tens for tens, word in enumerate("thirty forty fifty sixty seventy eighty ninety".split(), 3)}

# Other ways to write a unit.
UNIT_NAMES = {"ug": "μg", "mcg": "μg"}
# What may follow a number without a space: "12.5mg" is said of 12.5 mg.
UNIT = (
    r"(?:(?i:[mµμnpk]?mol|m?iu|[mkµμun]g|mcg|[mdµμ]l|[mcnµμ]m|mmhg|gy|kda|kcal|min|hrs?|days?|weeks?|wks?|months?"
    r"|years?|yrs?|fold)|[ghl])(?![^\W_])"
)
