from __future__ import annotations

import flatbuffers
import numpy as np

import typing
from typing import cast

uoffset: typing.TypeAlias = flatbuffers.number_types.UOffsetTFlags.py_type

class Command(object):
  NONE = cast(int, ...)
  PlaceOrder = cast(int, ...)
  CancelOrder = cast(int, ...)
  AmendOrder = cast(int, ...)
  ReplaceOrder = cast(int, ...)
  OrderStatus = cast(int, ...)
  CancelAll = cast(int, ...)

