from __future__ import annotations

import flatbuffers
import numpy as np

import typing
from typing import cast

uoffset: typing.TypeAlias = flatbuffers.number_types.UOffsetTFlags.py_type

class CandleInterval(object):
  M1 = cast(int, ...)
  M5 = cast(int, ...)
  M15 = cast(int, ...)
  M30 = cast(int, ...)
  H1 = cast(int, ...)
  H4 = cast(int, ...)
  D1 = cast(int, ...)
  W1 = cast(int, ...)
  Mo1 = cast(int, ...)

