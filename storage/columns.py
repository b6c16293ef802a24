"""Columns of numbers as bytes, and back: how a sample comes to cost less than three bytes.

float32, little-endian, NaN where nothing was measured. A column is deflated twice, as it is and
with its bytes in four planes (all sign-and-exponent bytes first, and so on), and the shorter one
is kept: planes suit what wanders, plain bytes what repeats. Samples are kept to the last bit of
float32; means, whose low bits are noise of a division, to 13 significant bits (one part in 8192).
"""

from __future__ import annotations

import struct
import sys
import zlib
from array import array
from collections.abc import Iterable, Sequence
from math import isnan

NAN = float("nan")

_PLAIN, _PLANES = b"\0", b"\1"
_LEVEL = 6  # of 9: the last three levels cost a third more time for 0.3% of the size
_LARGEST = 3.4028235e38
_INFINITY, _MINUS_INFINITY = b"\0\0\x80\x7f", b"\0\0\x80\xff"
_BIG_ENDIAN = sys.byteorder == "big"
_KEPT_BITS = 12  # of the 23 stored bits of a float32's significand


def pack_values(values: Sequence[float]) -> bytes:
    """float32 for each value; what float32 can't hold (and infinity) is not known: NaN."""
    try:
        packed = struct.pack(f"<{len(values)}f", *values)
    except OverflowError:
        return pack_values(_within_float32(values))
    if _INFINITY in packed or _MINUS_INFINITY in packed:  # or two neighbours that look like it
        return struct.pack(f"<{len(values)}f", *_within_float32(values))
    return packed


def _within_float32(values: Sequence[float]) -> list[float]:
    return [value if -_LARGEST < value < _LARGEST else NAN for value in values]


def numbers(packed: bytes) -> array[float]:
    """The float32 values in `packed`."""
    column = array("f", packed)
    if _BIG_ENDIAN:
        column.byteswap()
    return column


def raw(column: Iterable[float]) -> bytes:
    """The reverse of `numbers`."""
    values = array("f", column)
    if _BIG_ENDIAN:
        values.byteswap()
    return values.tobytes()


def shrink(plain: bytes) -> bytes:
    """Deflate a column of 4-byte numbers the shorter of two ways."""
    planes = plain[3::4] + plain[2::4] + plain[1::4] + plain[0::4]
    return min(
        _PLAIN + zlib.compress(plain, _LEVEL),
        _PLANES + zlib.compress(planes, _LEVEL),
        key=len,
    )


def grow(packed: bytes) -> bytes:
    """The reverse of `shrink`. Raises ValueError on bytes that it did not make."""
    try:
        column = zlib.decompress(memoryview(packed)[1:])
    except zlib.error as error:
        raise ValueError(f"a column does not inflate: {error}") from error
    if packed[:1] == _PLAIN:
        return column
    if packed[:1] != _PLANES or len(column) % 4:
        raise ValueError(f"a column is packed in an unknown way ({packed[:1]!r})")
    count = len(column) // 4
    plain = bytearray(len(column))
    for plane in range(4):
        plain[3 - plane :: 4] = column[plane * count : (plane + 1) * count]
    return bytes(plain)


def rounded(plain: bytes) -> bytes:
    """Each float32 in `plain` to 13 significant bits.

    Rounding keeps order, so a rounded low, mean and high stay in order. All numbers are rounded
    at once, as one long integer: a carry can't leave its own 32 bits, for the largest pattern
    here is the quiet NaN's.
    """
    count = len(plain) // 4
    dropped = 23 - _KEPT_BITS
    each = int.from_bytes(b"\1\0\0\0" * count, "little")
    lanes = int.from_bytes(plain, "little") + each * (1 << (dropped - 1))
    lanes &= each * (0xFFFF_FFFF >> dropped << dropped)
    return lanes.to_bytes(count * 4, "little")


def known(column: Iterable[float]) -> bool:
    """Whether there is any number in `column`."""
    return any(not isnan(value) for value in column)
