"""Bars in SVG: how many requests each answers in a second, or how long each takes."""

from collections.abc import Mapping
from html import escape

_WIDTH, _ROW, _LEFT, _RIGHT = 720, 30, 130, 90
_OURS, _THEIRS = "#0b6e63", "#8a97a6"
_CHART = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img"
  aria-label="{title}" font-family="sans-serif" font-size="14" fill="#16202b">
<rect width="{width}" height="{height}" fill="#ffffff"/>
<text x="10" y="24" font-weight="bold">{title}</text>
{bars}</svg>
"""
_BAR = """\
<text x="{before}" y="{middle}" text-anchor="end">{name}</text>
<rect x="{left}" y="{top}" width="{length:.1f}" height="22" fill="{color}"/>
<text x="{after:.1f}" y="{middle}">{rate:,.0f}{unit}</text>
"""


def bars(title: str, rates: Mapping[str, float], *, first: str, unit: str = "/s") -> str:
    """`first` is ours. Readable on white and on black."""
    most = max(rates.values())
    height = _ROW * len(rates) + 44
    drawn = [
        _BAR.format(
            name=escape(name),
            rate=rate,
            unit=unit,
            top=40 + _ROW * number,
            middle=56 + _ROW * number,
            left=_LEFT,
            before=_LEFT - 8,
            length=(length := (_WIDTH - _LEFT - _RIGHT) * rate / most),
            after=_LEFT + length + 6,
            color=_OURS if name == first else _THEIRS,
        )
        for number, (name, rate) in enumerate(rates.items())
    ]
    title = escape(title)
    return _CHART.format(width=_WIDTH, height=height, title=title, bars="".join(drawn))
