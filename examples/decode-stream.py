"""Follows one market's book in FlatBuffers and checks every sequence and checksum.

    pip install flatbuffers websockets
    python examples/decode-stream.py --url ws://127.0.0.1:8000/ws/stream --market NASDAQ:AAPL --seconds 10
"""

import argparse
import json
import sys
import time
import zlib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "schemas/binary/python"))

from openbell.stream.Body import Body  # noqa: E402
from openbell.stream.BookDelta import BookDelta  # noqa: E402
from openbell.stream.Message import Message  # noqa: E402
from openbell.stream.Snapshot import Snapshot  # noqa: E402
from websockets.sync.client import connect  # noqa: E402


class Book:
    """Price in ticks to quantity in lots, rebuilt from a snapshot and deltas."""

    def __init__(self, market):
        self.market = market
        self.bids = {}
        self.asks = {}
        self.seq = None

    def apply(self, message, body):
        for side, length, level_at in (
            (self.bids, body.BidsLength(), body.Bids),
            (self.asks, body.AsksLength(), body.Asks),
        ):
            for i in range(length):
                level = level_at(i)
                if level.QtyLots() == 0:
                    side.pop(level.PriceTicks(), None)
                else:
                    side[level.PriceTicks()] = level.QtyLots()
        self.seq = message.Seq()
        if self.checksum() != body.Crc32():
            sys.exit(f"the checksum at sequence {self.seq} does not match")

    def best(self, count):
        """The best asks and the best bids as (ticks, lots), best first."""
        return sorted(self.asks.items())[:count], sorted(self.bids.items(), reverse=True)[:count]

    def checksum(self):
        """See docs/streams.md: the ten best asks, then the ten best bids, as digits."""
        text = "".join(
            f"{ticks * self.market['tick_units']}{lots * self.market['lot_units']}"
            for side in self.best(10)
            for ticks, lots in side
        )
        return zlib.crc32(text.encode())

    def top(self):
        asks, bids = self.best(1)
        return f"{self.market['market']} seq {self.seq}: bid {self.show(bids)} | ask {self.show(asks)}"

    def show(self, levels):
        if not levels:
            return "empty"
        market, (ticks, lots) = self.market, levels[0]
        price = decimal(ticks * market["tick_units"], market["price_decimals"])
        return f"{decimal(lots * market['lot_units'], market['qty_decimals'])} @ {price}"


def decimal(units, decimals):
    digits = str(units).rjust(decimals + 1, "0")
    return f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits


def follow(url, market_name, seconds):
    book, messages, resyncs = None, 0, 0
    until, next_print = time.monotonic() + seconds, time.monotonic() + 1
    request = json.dumps({"op": "subscribe", "channel": "book", "market": market_name})
    with connect(url, subprotocols=["openbell.fb.v1"], max_size=None) as socket:
        socket.send(request)
        while time.monotonic() < until:
            try:
                frame = socket.recv(timeout=0.2)
            except TimeoutError:
                continue
            if isinstance(frame, str):
                control = json.loads(frame)
                if control["type"] == "error":
                    sys.exit(f"{control['code']}: {control['message']}")
                if control["type"] == "subscribed":
                    book = Book(control["markets"][0])
                continue
            message = Message.GetRootAs(frame)
            body_type, table = message.BodyType(), message.Body()
            if body_type == Body.Snapshot:
                body = Snapshot()
                book.bids.clear()
                book.asks.clear()
            elif body_type == Body.BookDelta and book.seq is not None:
                body = BookDelta()
                if message.PrevSeq() != book.seq:
                    resyncs += 1
                    book.seq = None
                    socket.send(request)
                    continue
            else:
                continue
            body.Init(table.Bytes, table.Pos)
            book.apply(message, body)
            messages += 1
            if time.monotonic() >= next_print:
                print(book.top())
                next_print += 1
    if book is None or book.seq is None:
        sys.exit("no snapshot came")
    print(book.top())
    print(f"{messages} messages, every checksum right, {resyncs} resyncs")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="ws://127.0.0.1:8000/ws/stream")
    parser.add_argument("--market", default="binance:BTC-USDT")
    parser.add_argument("--seconds", type=float, default=10)
    arguments = parser.parse_args()
    follow(arguments.url, arguments.market, arguments.seconds)
