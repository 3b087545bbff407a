from __future__ import annotations

import flatbuffers
import numpy as np

import typing
from typing import cast

uoffset: typing.TypeAlias = flatbuffers.number_types.UOffsetTFlags.py_type

class Body(object):
  NONE = cast(int, ...)
  Snapshot = cast(int, ...)
  BookDelta = cast(int, ...)
  Trades = cast(int, ...)
  Bbo = cast(int, ...)
  OrdersSnapshot = cast(int, ...)
  OrdersDelta = cast(int, ...)
  Candles = cast(int, ...)
  Ticker = cast(int, ...)
  Features = cast(int, ...)
  Predictions = cast(int, ...)
  Liquidations = cast(int, ...)
  Funding = cast(int, ...)
  OpenInterest = cast(int, ...)
  Heartbeat = cast(int, ...)
  Orders = cast(int, ...)
  Fills = cast(int, ...)
  Balances = cast(int, ...)
  Positions = cast(int, ...)
  Session = cast(int, ...)
  VelocimexMarket = cast(int, ...)
  OrderReply = cast(int, ...)
  CancelledAll = cast(int, ...)
  RequestError = cast(int, ...)
  EntasisPrice = cast(int, ...)
  EntasisBook = cast(int, ...)
  OctopusQuote = cast(int, ...)
  FlashmmQuote = cast(int, ...)
  TakashiCandle = cast(int, ...)
  TakashiTrade = cast(int, ...)
  TakashiSpike = cast(int, ...)

