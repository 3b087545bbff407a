from __future__ import annotations

import flatbuffers
import numpy as np

import typing

uoffset: typing.TypeAlias = flatbuffers.number_types.UOffsetTFlags.py_type

class Level(object):
  @classmethod
  def SizeOf(cls) -> int: ...

  def Init(self, buf: bytes, pos: int) -> None: ...
  def PriceTicks(self) -> int: ...
  def QtyLots(self) -> int: ...
  def Orders(self) -> int: ...

def CreateLevel(builder: flatbuffers.Builder, priceTicks: int, qtyLots: int, orders: int) -> uoffset: ...

