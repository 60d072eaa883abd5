"""Texts as people mean them: what comes along unseen with copy and paste is taken out.

Sources: Unicode's Default_Ignorable_Code_Point; UTS #51 for emoji (joiners, variation selectors, tags of flags); UAX #9
for the marks of direction; RFC 5892, appendix A, for joiners in Arabic and Indic scripts.
"""

from __future__ import annotations

import re
import unicodedata

LINE_ENDS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
# Control characters; NUL is left for its own rule (composition.py), a tab and a line break can be seen.
CONTROLS = "\x01-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"
# Soft hyphen, Mongolian vowel separator, embedding and overriding of directions, word joiner and invisible operators,
# deprecated formatting, byte order mark, annotations.
NEVER_MEANT = "\u00ad\u180e\u202a-\u202e\u2060-\u2064\u206a-\u206f\ufeff\ufff9-\ufffb"
UNSEEN = re.compile(f"[{CONTROLS}{NEVER_MEANT}]")
# Of texts that read from right to left they keep numbers and foreign words in their place.
DIRECTIONS = re.compile("[\u061c\u200e\u200f\u2066-\u2069]")

# Arabic, Syriac, Indic and the scripts of South-East Asia, Mongolian: a joiner beside one changes how it is written.
JOINING = "\u0600-\u08ff\u0900-\u109f\u1780-\u18af\ua840-\uabff\ufb50-\ufdff\ufe70-\ufefc\U00010a00-\U000116ff"
EMOJI = "\u00a9\u00ae\u203c-\u2049\u2190-\u2bff\u3030-\u3299\ufe0f\U0001f000-\U0001faff"
STRAY_JOINER = re.compile(f"(?<![{JOINING}{EMOJI}])[\u200c\u200d](?![{JOINING}{EMOJI}])")
# Thai, Lao, Tibetan, Burmese and Khmer have no spaces between words, but places where a line may end.
UNSPACED = "\u0e00-\u109f\u1780-\u17ff\u1950-\u1aaf"
STRAY_SPACE = re.compile(f"(?<![{UNSPACED}])\u200b|\u200b(?![{UNSPACED}])")
# Tags write the flags of England, Scotland and Wales behind a black flag; anywhere else they hide a message.
FLAG = "\U0001f3f4[\U000e0030-\U000e007a]+\U000e007f"
STRAY_TAGS = re.compile(f"({FLAG})|[\U000e0000-\U000e007f]+")
# A link is no prose: nothing in it says how lines break or which way they run.
UNSEEN_IN_LINKS = re.compile(f"{DIRECTIONS.pattern}|\u200b|[\u200c\u200d]$")


def clean_text(typed: str) -> str:
    r"""Return the text without what cannot be seen and is not meant, stripped, and with \\n as the line break.

    Emoji sequences, the joiners that Persian and Indic scripts are written with, and the marks of direction in texts
    that read from right to left stay.
    """
    text = UNSEEN.sub("", LINE_ENDS.sub("\n", typed))
    text = STRAY_TAGS.sub(r"\1", STRAY_SPACE.sub("", STRAY_JOINER.sub("", text)))
    if DIRECTIONS.search(text) and not _reads_from_right(text):
        text = DIRECTIONS.sub("", text)
    return text.strip()


def clean_link(typed: str) -> str:
    """Return the web address as it can be seen."""
    return UNSEEN_IN_LINKS.sub("", clean_text(typed)).strip()


def _reads_from_right(text: str) -> bool:
    return any(unicodedata.bidirectional(each) in ("R", "AL") for each in DIRECTIONS.sub("", text))
