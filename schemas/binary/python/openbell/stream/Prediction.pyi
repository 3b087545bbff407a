from __future__ import annotations

import flatbuffers
import numpy as np

import typing

uoffset: typing.TypeAlias = flatbuffers.number_types.UOffsetTFlags.py_type

class Prediction(object):
  @classmethod
  def SizeOf(cls) -> int: ...

  def Init(self, buf: bytes, pos: int) -> None: ...
  def HorizonMs(self) -> int: ...
  def Value(self) -> float: ...
  def Confidence(self) -> float: ...

def CreatePrediction(builder: flatbuffers.Builder, horizonMs: int, value: float, confidence: float) -> uoffset: ...

