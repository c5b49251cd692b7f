"""What a browser is told to call a file that it saves (RFC 6266, RFC 8187)."""

import unicodedata
from urllib.parse import quote

_LONGEST = 150  # characters; file systems take 255 bytes
_NOWHERE = '<>:"/\\|?*'  # in a name that every file system takes
_UNNAMED = "document"
_ATTR_CHARS = "!#$&+-.^_`|~"  # besides letters and digits: RFC 8187, 3.2.1


def attachment(name: str) -> str:
    """A Content-Disposition for `name`: the name itself, and one in ASCII for old browsers."""
    name = _fitting(name)
    unaccented = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = _fitting(unaccented.replace("%", "_").replace(";", "_"))
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe=_ATTR_CHARS)}"


def _fitting(name: str) -> str:
    """Without anything that leads elsewhere, breaks a line or turns the writing's direction."""
    kept = "".join(
        "_" if each in _NOWHERE else each
        for each in unicodedata.normalize("NFC", name)
        if unicodedata.category(each)[0] != "C"
    )
    stem, dot, ending = kept.strip(" .").rpartition(".")
    if not dot or len(ending) > 10:  # noqa: PLR2004  # longer than any ending of a file
        stem, ending = kept.strip(" ."), ""
    cut = stem[: _LONGEST - len(ending)].strip(" .")
    return f"{cut or _UNNAMED}{dot if ending else ''}{ending}"
