"""The catalogues of every language, and the one place that reads them.

They are GNU gettext's: `zh-Hant.po` is for translators, `zh-Hant.mo` is made from it by
`make words` and is what is read. English needs neither: its words stand in the code.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from estate.language import ENGLISH, Words, nearest

FOLDER = Path(__file__).parent


@cache
def words_in(tag: str, folder: Path = FOLDER) -> Words:
    """The words of the language that serves readers of `tag` (BCP 47) best; read once.

    A catalogue that can't be read gives English, and says why in `Words.unread`.
    """
    language = nearest(tag)
    if language == ENGLISH.language:
        return ENGLISH
    import struct  # English loads none of these: it is what a first paint waits for
    from gettext import GNUTranslations

    path = folder / f"{language}.mo"
    try:
        with path.open("rb") as file:
            return Words(language, GNUTranslations(file))
    except (OSError, UnicodeDecodeError, struct.error) as error:
        why = (error.strerror if isinstance(error, OSError) else "") or str(error)
        return Words(unread=f"{path}: {language} can't be read: {why}; install twinwatch again")
