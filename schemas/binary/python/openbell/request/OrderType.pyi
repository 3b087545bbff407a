from __future__ import annotations

import flatbuffers
import numpy as np

import typing
from typing import cast

uoffset: typing.TypeAlias = flatbuffers.number_types.UOffsetTFlags.py_type

class OrderType(object):
  Limit = cast(int, ...)
  Market = cast(int, ...)
  Stop = cast(int, ...)
  StopLimit = cast(int, ...)
  TrailingStop = cast(int, ...)
  Pegged = cast(int, ...)

