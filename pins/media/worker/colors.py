"""Bring pictures into sRGB, which is what thumbnails, covers and every browser without a profile show.

Color is described by the code points of ITU-T H.273, as MP4 (`colr`), HEIF (`nclx`) and PNG (`cICP`) write them. Runs
in the reader's process only (inspect.py); knows no Django.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageFilter

Matrix = tuple[tuple[float, ...], ...]
Chromaticities = tuple[tuple[float, float], tuple[float, float], tuple[float, float]]

# The red, green and blue of H.273, table 2. All are seen against D65; where a system has another white (DCI), its white
# becomes ours. The NTSC's are left out, as browsers do: cameras that write them mean BT.709.
SRGB_PRIMARIES: Chromaticities = ((0.64, 0.33), (0.3, 0.6), (0.15, 0.06))
P3: Chromaticities = ((0.68, 0.32), (0.265, 0.69), (0.15, 0.06))
PRIMARIES: dict[int, Chromaticities] = {
    5: ((0.64, 0.33), (0.29, 0.6), (0.15, 0.06)),
    9: ((0.708, 0.292), (0.17, 0.797), (0.131, 0.046)),
    11: P3,
    12: P3,
}
D65 = (0.3127, 0.329)
# H.273, table 3. The others are shown like sRGB: so do browsers, because displays are built for them.
GAMMA_28, LINEAR, PQ, HLG = 5, 8, 16, 18
# What is called white in an HDR picture: 203 cd/m², which HLG writes as 75 % (ITU-R BT.2408, 2.1).
PQ_PEAK_NITS, WHITE_NITS = 10_000, 203
HLG_WHITE = 0.265
# Up to here SDR content within HDR stays what it is; what is brighter is pressed into the rest.
KNEE = 0.9
# Nodes along each side of a table of colors.
GRID = 33


@dataclass(frozen=True)
class Color:
    """How the numbers of an image are meant: primaries and transfer curve.

    `gamma` is that of a curve without a code point (PNG's gAMA, for instance 0.45455).
    """

    primaries: Chromaticities = SRGB_PRIMARIES
    transfer: int = 0
    gamma: float | None = None

    @property
    def curve(self) -> tuple[int, float | None]:
        """Return what tells its transfer curve from others."""
        return self.transfer, self.gamma

    @classmethod
    def of_codes(cls, primaries: int, transfer: int) -> Color:
        """Return the color of these code points (ITU-T H.273); unknown ones are sRGB's."""
        gamma = 1 / 2.8 if transfer == GAMMA_28 else None
        curve = transfer if transfer in (LINEAR, PQ, HLG) else 0
        return cls(PRIMARIES.get(primaries, SRGB_PRIMARIES), curve, gamma)

    @classmethod
    def of_png(cls, gamma: bytes, chromaticities: bytes) -> Color:
        """Return the color of the chunks gAMA and cHRM, which count in 1/100,000; nearly sRGB is sRGB."""
        exponent = int.from_bytes(gamma, "big") / 100_000
        values = [int.from_bytes(chromaticities[at : at + 4], "big") / 100_000 for at in range(8, 32, 4)]
        red, green, blue = zip(values[::2], values[1::2], strict=True)
        is_odd = not all(0 < value < 1 for value in values)
        differs = any(abs(a - b) > 0.01 for a, b in zip(values, sum(SRGB_PRIMARIES, ()), strict=True))
        is_usual = abs(exponent * 2.2 - 1) < 0.05
        return cls(
            (red, green, blue) if differs and not is_odd else SRGB_PRIMARIES, gamma=None if is_usual else exponent
        )


SRGB = Color()


def to_srgb(image: Image.Image, color: Color) -> Image.Image:
    """Return the picture, of mode RGB or RGBA, in sRGB: first with its curve, then with its primaries."""
    if color.curve != SRGB.curve:
        unchanged = list(range(256))
        image = image.point(_curve(color) * 3 + (unchanged if image.mode == "RGBA" else []))
    return image if color.primaries == SRGB.primaries else image.filter(_table(color.primaries))


def _curve(color: Color) -> list[int]:
    """Return sRGB's value for each of the 256 of `color`'s curve; what is brighter than white is compressed."""
    decoded = _decoder(color)
    press = _pressed if color.transfer in (PQ, HLG) else _linear
    return [round(255 * _encoded(press(decoded(value / 255)))) for value in range(256)]


@lru_cache(maxsize=2)
def _table(primaries: Chromaticities) -> ImageFilter.Color3DLUT:
    """Return a table that brings other primaries into sRGB, in the curve of sRGB."""
    matrix = _product(_inverse(_to_xyz(SRGB_PRIMARIES)), _to_xyz(primaries))

    def node(*color: float) -> tuple[float, ...]:
        light = [_srgb(value) for value in color]
        return tuple(_encoded(sum(a * b for a, b in zip(row, light, strict=True))) for row in matrix)

    return ImageFilter.Color3DLUT.generate(GRID, node)


def _decoder(color: Color) -> Callable[[float], float]:
    """Return the function from a signal (0 to 1) to linear light, of which white is 1."""
    if color.gamma:
        exponent = 1 / color.gamma
        return lambda signal: signal**exponent
    return {LINEAR: _linear, PQ: _pq, HLG: _hlg}.get(color.transfer, _srgb)


def _linear(signal: float) -> float:
    return signal


def _srgb(signal: float) -> float:
    return signal / 12.92 if signal <= 0.04045 else float(((signal + 0.055) / 1.055) ** 2.4)


def _encoded(light: float) -> float:
    if light <= 0.0031308:
        return max(light, 0.0) * 12.92
    return 1.0 if light >= 1 else float(1.055 * light ** (1 / 2.4) - 0.055)


def _pq(signal: float) -> float:
    """Return the light of a value by SMPTE ST 2084."""
    power = signal ** (32 / 2523)
    light = max(power - 107 / 128, 0) / (2413 / 128 - 2392 / 128 * power)
    return float(light ** (8192 / 1305) * PQ_PEAK_NITS / WHITE_NITS)


def _hlg(signal: float) -> float:
    """Return the scene's light of a value by ARIB STD-B67, as SDR displays show it (ITU-R BT.2408, 5.1.3.4)."""
    if signal <= 0.5:
        return signal * signal / 3 / HLG_WHITE
    return (math.exp((signal - 0.55991073) / 0.17883277) + 0.28466892) / 12 / HLG_WHITE


def _pressed(light: float) -> float:
    if light <= KNEE:
        return light
    beyond = (light - KNEE) / (1 - KNEE)
    return KNEE + (1 - KNEE) * beyond / (1 + beyond)


def _to_xyz(primaries: Chromaticities) -> Matrix:
    columns = [(x / y, 1.0, (1 - x - y) / y) for x, y in primaries]
    as_rows = tuple(zip(*columns, strict=True))
    white = (D65[0] / D65[1], 1.0, (1 - D65[0] - D65[1]) / D65[1])
    shares = [sum(a * b for a, b in zip(row, white, strict=True)) for row in _inverse(as_rows)]
    return tuple(tuple(a * b for a, b in zip(row, shares, strict=True)) for row in as_rows)


def _product(left: Matrix, right: Matrix) -> Matrix:
    columns = tuple(zip(*right, strict=True))
    return tuple(tuple(sum(a * b for a, b in zip(row, column, strict=True)) for column in columns) for row in left)


def _inverse(matrix: Matrix) -> Matrix:
    (a, b, c), (d, e, f), (g, h, i) = matrix
    adjugate = (
        (e * i - f * h, c * h - b * i, b * f - c * e),
        (f * g - d * i, a * i - c * g, c * d - a * f),
        (d * h - e * g, b * g - a * h, a * e - b * d),
    )
    determinant = a * adjugate[0][0] + b * adjugate[1][0] + c * adjugate[2][0]
    return tuple(tuple(value / determinant for value in row) for row in adjugate)
