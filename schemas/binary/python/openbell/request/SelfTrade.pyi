from __future__ import annotations

import flatbuffers
import numpy as np

import typing
from typing import cast

uoffset: typing.TypeAlias = flatbuffers.number_types.UOffsetTFlags.py_type

class SelfTrade(object):
  None_ = cast(int, ...)
  ExpireTaker = cast(int, ...)
  ExpireMaker = cast(int, ...)
  ExpireBoth = cast(int, ...)
  Decrement = cast(int, ...)

