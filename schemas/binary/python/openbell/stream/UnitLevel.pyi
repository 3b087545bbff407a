from __future__ import annotations

import flatbuffers
import numpy as np

import typing

uoffset: typing.TypeAlias = flatbuffers.number_types.UOffsetTFlags.py_type

class UnitLevel(object):
  @classmethod
  def SizeOf(cls) -> int: ...

  def Init(self, buf: bytes, pos: int) -> None: ...
  def PriceUnits(self) -> int: ...
  def QtyUnits(self) -> int: ...

def CreateUnitLevel(builder: flatbuffers.Builder, priceUnits: int, qtyUnits: int) -> uoffset: ...

