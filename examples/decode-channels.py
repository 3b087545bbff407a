"""Subscribes to channels of one market in FlatBuffers and prints what each message says.

    pip install flatbuffers websockets
    python examples/decode-channels.py --url ws://127.0.0.1:8000/ws/stream --market NASDAQ:AAPL --seconds 10
"""

import argparse
import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "schemas/binary/python"))

from openbell.stream.Body import Body  # noqa: E402
from openbell.stream.Candles import Candles  # noqa: E402
from openbell.stream.Heartbeat import Heartbeat  # noqa: E402
from openbell.stream.Message import Message  # noqa: E402
from openbell.stream.OrdersDelta import OrdersDelta  # noqa: E402
from openbell.stream.OrdersSnapshot import OrdersSnapshot  # noqa: E402
from openbell.stream.Ticker import Ticker  # noqa: E402
from openbell.stream.Trades import Trades  # noqa: E402
from websockets.sync.client import connect  # noqa: E402

ACTIONS = ("add", "reduce", "remove", "execute")
CHANNELS = ("orders_book", "trades", "ticker")


def orders_snapshot(body):
    return f"{body.BidOrders()} bids, {body.AskOrders()} asks"


def orders_delta(body):
    changes = (body.Changes(i) for i in range(body.ChangesLength()))
    return ", ".join(f"{ACTIONS[c.Action()]} {c.OrderId()} {c.QtyLots()} @ {c.PriceTicks()}" for c in changes)


def trades(body):
    made = (body.Trades(i) for i in range(body.TradesLength()))
    return ", ".join(f"{t.QtyLots()} @ {t.PriceTicks()}" for t in made)


def candles(body):
    bars = (body.Candles(i) for i in range(body.CandlesLength()))
    return ", ".join(f"{b.OpenTicks()} {b.HighTicks()} {b.LowTicks()} {b.CloseTicks()} {b.VolumeLots()}" for b in bars)


def ticker(body):
    return f"last {body.LastPriceTicks()}, volume {body.VolumeLots()}"


def heartbeat(body):
    return f"{body.QuietLength()} of {body.Count()} subscriptions quiet"


READERS = {
    Body.OrdersSnapshot: (OrdersSnapshot, orders_snapshot),
    Body.OrdersDelta: (OrdersDelta, orders_delta),
    Body.Trades: (Trades, trades),
    Body.Candles: (Candles, candles),
    Body.Ticker: (Ticker, ticker),
    Body.Heartbeat: (Heartbeat, heartbeat),
}


def follow(url, market, seconds):
    until, last_seqs, messages = time.monotonic() + seconds, {}, 0
    with connect(url, subprotocols=["openbell.fb.v1"], max_size=None) as socket:
        for channel in CHANNELS:
            socket.send(json.dumps({"op": "subscribe", "channel": channel, "market": market}))
        bars = {"op": "subscribe", "channel": "candles", "market": market, "interval": "1m", "limit": 3}
        socket.send(json.dumps(bars))
        while time.monotonic() < until:
            try:
                frame = socket.recv(timeout=0.2)
            except TimeoutError:
                continue
            if isinstance(frame, str):
                control = json.loads(frame)
                if control["type"] == "error":
                    sys.exit(f"{control['code']}: {control['message']}")
                continue
            message = Message.GetRootAs(frame)
            if message.BodyType() not in READERS:
                continue  # A newer server may send what this client does not know.
            table, describe = READERS[message.BodyType()]
            body = table()
            body.Init(message.Body().Bytes, message.Body().Pos)
            is_delta = message.BodyType() == Body.OrdersDelta
            if is_delta and message.PrevSeq() != last_seqs.get("orders_book"):
                sys.exit(f"gap before {message.Seq()}")
            if message.BodyType() in (Body.OrdersSnapshot, Body.OrdersDelta):
                last_seqs["orders_book"] = message.Seq()
            messages += 1
            print(f"{table.__name__} {message.Seq()}: {describe(body)}")
    print(f"{messages} messages, no gap")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="ws://127.0.0.1:8000/ws/stream")
    parser.add_argument("--market", default="binance:BTC-USDT")
    parser.add_argument("--seconds", type=float, default=10)
    arguments = parser.parse_args()
    follow(arguments.url, arguments.market, arguments.seconds)
