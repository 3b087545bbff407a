from __future__ import annotations

import flatbuffers
import numpy as np

import typing
from typing import cast

uoffset: typing.TypeAlias = flatbuffers.number_types.UOffsetTFlags.py_type

class TimeInForce(object):
  Gtc = cast(int, ...)
  Ioc = cast(int, ...)
  Fok = cast(int, ...)
  Gtd = cast(int, ...)
  Day = cast(int, ...)

