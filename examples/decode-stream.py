"""Follows one market in FlatBuffers: rebuilds its book and checks every sequence and checksum, shows
the newest message of each other channel, and, given a token, places and cancels a binary order.

    pip install flatbuffers websockets
    python examples/decode-stream.py --market NASDAQ:AAPL --seconds 10
    python examples/decode-stream.py --market NASDAQ:AAPL --token "$TOKEN"
"""

import argparse
import asyncio
import json
import sys
import time
import zlib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "schemas/binary/python"))

import flatbuffers  # noqa: E402
from openbell.request import CancelOrder, PlaceOrder, Request, Terms  # noqa: E402
from openbell.request.Command import Command  # noqa: E402
from openbell.request.OrderType import OrderType  # noqa: E402
from openbell.request.Side import Side  # noqa: E402
from openbell.stream.Bbo import Bbo  # noqa: E402
from openbell.stream.Body import Body  # noqa: E402
from openbell.stream.BookDelta import BookDelta  # noqa: E402
from openbell.stream.Candles import Candles  # noqa: E402
from openbell.stream.Funding import Funding  # noqa: E402
from openbell.stream.Message import Message  # noqa: E402
from openbell.stream.OrderReply import OrderReply  # noqa: E402
from openbell.stream.OrdersDelta import OrdersDelta  # noqa: E402
from openbell.stream.RequestError import RequestError  # noqa: E402
from openbell.stream.Snapshot import Snapshot  # noqa: E402
from openbell.stream.Ticker import Ticker  # noqa: E402
from openbell.stream.Trades import Trades  # noqa: E402
from websockets import connect  # noqa: E402

CHANNELS = (
    {"channel": "trades"},
    {"channel": "bbo"},
    {"channel": "ticker"},
    {"channel": "orders_book"},
    {"channel": "candles", "interval": "1m"},
    {"channel": "funding"},
)


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
        return self.at(*levels[0]) if levels else "empty"

    def price(self, ticks):
        return decimal(ticks * self.market["tick_units"], self.market["price_decimals"])

    def quantity(self, lots):
        return decimal(lots * self.market["lot_units"], self.market["qty_decimals"])

    def at(self, ticks, lots):
        return f"{self.quantity(lots)} @ {self.price(ticks)}"


def decimal(units, decimals):
    digits = str(units).rjust(decimals + 1, "0")
    return f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits


def show_trades(book, body):
    trade = body.Trades(body.TradesLength() - 1)
    side = {0: "bought", 1: "sold"}.get(trade.Side(), "crossed")
    return f"{book.at(trade.PriceTicks(), trade.QtyLots())} {side}, trade {trade.TradeId()}"


def show_bbo(book, body):
    bid = book.at(body.BidPriceTicks(), body.BidQtyLots())
    return f"{bid} | {book.at(body.AskPriceTicks(), body.AskQtyLots())}"


def show_ticker(book, body):
    low, high = book.price(body.LowTicks()), book.price(body.HighTicks())
    return f"last {book.price(body.LastPriceTicks())}, 24 h {low} to {high}, {body.Trades()} trades"


def show_orders(book, body):
    change = body.Changes(body.ChangesLength() - 1)
    action = ("added", "reduced", "removed", "executed")[change.Action()]
    return f"order {change.OrderId()} {action}: {book.at(change.PriceTicks(), change.QtyLots())}"


def show_candles(book, body):
    bar = body.Candles(body.CandlesLength() - 1)
    prices = (bar.OpenTicks(), bar.HighTicks(), bar.LowTicks(), bar.CloseTicks())
    return f"o h l c {' '.join(book.price(ticks) for ticks in prices)}, {bar.Trades()} trades"


def show_funding(book, body):
    mark = book.price(body.MarkPriceTicks())
    return f"rate {body.RateE12() / 1e12:.6%}, predicted {body.PredictedRateE12() / 1e12:.6%}, mark {mark}"


#: Of each body type the table and what shows it; a client skips the types that it does not know.
SHOWN = {
    Body.Trades: ("trades", Trades, show_trades),
    Body.Bbo: ("bbo", Bbo, show_bbo),
    Body.Ticker: ("ticker", Ticker, show_ticker),
    Body.OrdersDelta: ("orders_book", OrdersDelta, show_orders),
    Body.Candles: ("candles", Candles, show_candles),
    Body.Funding: ("funding", Funding, show_funding),
}


def binary_request(request_id, command_type, build):
    builder = flatbuffers.Builder(128)
    command = build(builder)
    Request.Start(builder)
    Request.AddId(builder, request_id)
    Request.AddCommandType(builder, command_type)
    Request.AddCommand(builder, command)
    builder.Finish(Request.End(builder), file_identifier=b"OBQ1")
    return bytes(builder.Output())


def place_order(book):
    """A limit order to buy one lot, a tenth below the market."""

    def build(builder):
        client_order_id = builder.CreateString(f"python-{time.time_ns()}")
        Terms.Start(builder)
        Terms.AddSide(builder, Side.Buy)
        Terms.AddType(builder, OrderType.Limit)
        Terms.AddQtyLots(builder, 1)
        Terms.AddPriceTicks(builder, max(book.bids) * 9 // 10)
        Terms.AddClientOrderId(builder, client_order_id)
        terms = Terms.End(builder)
        PlaceOrder.Start(builder)
        PlaceOrder.AddMarketId(builder, book.market["market_id"])
        PlaceOrder.AddTerms(builder, terms)
        return PlaceOrder.End(builder)

    return binary_request(1, Command.PlaceOrder, build)


def cancel_order(order_id):
    def build(builder):
        CancelOrder.Start(builder)
        CancelOrder.AddOrderId(builder, order_id)
        return CancelOrder.End(builder)

    return binary_request(2, Command.CancelOrder, build)


class Follower:
    def __init__(self, socket, options):
        self.socket = socket
        self.options = options
        self.book = None
        self.messages = 0
        self.resyncs = 0
        self.newest = {}
        self.logged_in = False
        self.ordered = False

    async def subscribe_book(self):
        await self.send(channel="book")

    async def send(self, **fields):
        request = {"op": "subscribe", "market": self.options.market, **fields}
        await self.socket.send(json.dumps(request))

    async def control(self, message):
        if message["type"] == "error":
            # A market need not have every channel: an equity has no funding.
            if self.book is None or message["code"] == "UNAUTHORIZED":
                sys.exit(f"{message['code']}: {message['message']}")
            print(f"  {message['code']}: {message['message']}")
        elif message["type"] == "subscribed" and message["channel"] == "book":
            self.book = Book(message["markets"][0])
        elif message["type"] == "logged_in":
            self.logged_in = True

    async def binary(self, frame):
        message = Message.GetRootAs(frame)
        body_type, table = message.BodyType(), message.Body()

        def read(kind):
            body = kind()
            body.Init(table.Bytes, table.Pos)
            return body

        if body_type == Body.Snapshot:
            self.book.bids.clear()
            self.book.asks.clear()
            self.applied(message, read(Snapshot))
        elif body_type == Body.BookDelta and self.book.seq is not None:
            if message.PrevSeq() == self.book.seq:
                self.applied(message, read(BookDelta))
            else:
                self.resyncs += 1
                self.book.seq = None
                await self.subscribe_book()
        elif body_type in SHOWN:
            name, kind, show = SHOWN[body_type]
            body = read(kind)
            # Values are copied out: a FlatBuffer is read in place.
            self.newest[name] = show(self.book, body)
        elif body_type == Body.OrderReply:
            await self.order_reply(read(OrderReply))
        elif body_type == Body.RequestError:
            error = read(RequestError)
            sys.exit(f"{error.Code().decode()}: {error.Message().decode()}")

    def applied(self, message, body):
        self.book.apply(message, body)
        self.messages += 1

    async def order_reply(self, reply):
        order = reply.Order()
        what = f"{order.Status().decode()}, {self.book.at(order.PriceTicks(), order.QtyLots())}"
        print(f"reply {reply.RequestId()}: order {order.OrderId()} is {what}")
        if reply.RequestId() == 1:
            await self.socket.send(cancel_order(order.OrderId()))

    async def order_once(self):
        if self.ordered or not self.logged_in or self.book is None or not self.book.bids:
            return
        self.ordered = True
        await self.socket.send(place_order(self.book))


async def follow(options):
    until, next_print = time.monotonic() + options.seconds, time.monotonic() + 1
    async with connect(options.url, subprotocols=["openbell.fb.v1"], max_size=None) as socket:
        follower = Follower(socket, options)
        if options.token:
            await socket.send(json.dumps({"op": "login", "token": options.token}))
        await follower.subscribe_book()
        for fields in CHANNELS:
            await follower.send(**fields)
        while time.monotonic() < until:
            try:
                frame = await asyncio.wait_for(socket.recv(), 0.2)
            except asyncio.TimeoutError:
                continue
            if isinstance(frame, str):
                await follower.control(json.loads(frame))
            else:
                await follower.binary(frame)
            await follower.order_once()
            if time.monotonic() >= next_print and follower.book.seq is not None:
                print(follower.book.top())
                next_print += 1
    book = follower.book
    if book is None or book.seq is None:
        sys.exit("no snapshot came")
    for name, line in follower.newest.items():
        print(f"  {name}: {line}")
    print(f"{follower.messages} messages, every checksum right, {follower.resyncs} resyncs")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="ws://127.0.0.1:8000/ws/stream")
    parser.add_argument("--market", default="binance:BTC-USDT")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--token", help="access token: places an order and cancels it")
    asyncio.run(follow(parser.parse_args()))
