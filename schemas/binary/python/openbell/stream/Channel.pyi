from __future__ import annotations

import flatbuffers
import numpy as np

import typing
from typing import cast

uoffset: typing.TypeAlias = flatbuffers.number_types.UOffsetTFlags.py_type

class Channel(object):
  Book = cast(int, ...)
  Trades = cast(int, ...)
  Bbo = cast(int, ...)
  OrdersBook = cast(int, ...)
  Candles = cast(int, ...)
  Ticker = cast(int, ...)
  Features = cast(int, ...)
  Predictions = cast(int, ...)
  Liquidations = cast(int, ...)
  Funding = cast(int, ...)
  OpenInterest = cast(int, ...)
  Orders = cast(int, ...)
  Fills = cast(int, ...)
  Balances = cast(int, ...)
  Positions = cast(int, ...)
  Session = cast(int, ...)

