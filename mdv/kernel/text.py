"""Characters that people cannot see, and that make two texts look like one."""

import re
import unicodedata

# Controls of the direction of writing: what they enclose is shown in another order than it is in.
TURNING = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
# Of no width or no ink. The fillers count as letters, the tags spell words that nobody sees.
UNSEEN = (
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u2060-\u2065\u206a-\u206f\u2800"
    "\u3164\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"
)
# Joiners belong into Persian and Indic names, and into emoji; nowhere else do they change a thing.
JOINED = "\u0600-\u1fff\u2190-\u2bff\u2e80-\ufdff\ufe0f\ufe70-\U000dffff"
LOOSE_JOINER = f"(?<![{JOINED}])[\u200c\u200d]|[\u200c\u200d](?![{JOINED}])"
INVISIBLE = re.compile(f"[{TURNING}{UNSEEN}]|{LOOSE_JOINER}")
# In text of several lines marks of direction are part of Arabic and Hebrew writing.
MISLEADING = re.compile("[\u202a-\u202e\u2066-\u2069\ufeff]")


def printed(text: str) -> str | None:
    """Return `text` as it would be copied from paper, or None if it has what paper cannot show.

    Wide, small and other forms of a character become the character, several spaces one.
    """
    plain = re.sub(" +", " ", unicodedata.normalize("NFKC", text).strip())
    is_seen = all(unicodedata.category(character)[0] in "LNPSZ" for character in plain)
    return plain if plain.isprintable() and is_seen and not INVISIBLE.search(plain) else None
