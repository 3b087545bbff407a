from __future__ import annotations

import flatbuffers
import numpy as np

import typing

uoffset: typing.TypeAlias = flatbuffers.number_types.UOffsetTFlags.py_type

class BookOrder(object):
  @classmethod
  def SizeOf(cls) -> int: ...

  def Init(self, buf: bytes, pos: int) -> None: ...
  def OrderId(self) -> int: ...
  def PriceTicks(self) -> int: ...
  def QtyLots(self) -> int: ...

def CreateBookOrder(builder: flatbuffers.Builder, orderId: int, priceTicks: int, qtyLots: int) -> uoffset: ...

