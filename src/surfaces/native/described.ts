import type { TSchema } from 'typebox';
import * as answers from '../../../schemas/native-answers.ts';
import * as asked from '../../../schemas/native-requests.ts';
import * as stream from '../../../schemas/native-stream.ts';
import type { SocketMessage } from '../../gateway/streams/socket-path.ts';

const message = (name: string, summary: string, schema: TSchema): SocketMessage => {
  return { name, summary, schema };
};

/** What each channel sends, by its name in the tables of channels. */
export const CHANNEL_MESSAGES: Readonly<Record<string, readonly SocketMessage[]>> = {
  book: [
    message('bookSnapshot', 'The levels of a book as they are', stream.BookSnapshot),
    message('bookDelta', 'The levels that changed', stream.BookDelta),
  ],
  orders_book: [
    message('ordersSnapshot', 'Every visible order in its place', stream.OrdersSnapshot),
    message('ordersDelta', 'What happened to each order', stream.OrdersDelta),
  ],
  trades: [message('trades', 'Every trade, in order', stream.Trades)],
  bbo: [message('bbo', 'Best price and quantity of both sides', stream.Bbo)],
  candles: [message('candles', 'Bars that ended, and the one under way', stream.Candles)],
  ticker: [message('ticker', 'The last 24 hours and the day under way', stream.Ticker)],
  liquidations: [
    message('liquidations', 'Fills of orders that close by force', stream.Liquidations),
  ],
  funding: [message('funding', 'Rates, mark and index price', stream.Funding)],
  open_interest: [message('openInterest', 'Contracts open', stream.OpenInterest)],
  features: [message('features', 'The 64 features of a market', stream.Features)],
  // No model is part of this server: a subscription is refused by name.
  predictions: [],
  orders: [message('orders', 'A portfolio’s orders as they change', answers.OrdersReport)],
  fills: [message('fills', 'Each trade of a portfolio’s orders', answers.FillsReport)],
  balances: [message('balances', 'What a portfolio has of every asset', answers.BalancesReport)],
  positions: [message('positions', 'What it holds in every market', answers.PositionsReport)],
  session: [message('session', 'Facts of this connection’s session', answers.SessionReport)],
};

/** What comes whatever a client follows. */
const ANSWERS = [
  message('welcome', 'The first message of a connection', answers.Welcome),
  message('subscribed', 'A subscription has begun', answers.Subscribed),
  message('unsubscribed', 'A subscription has ended', answers.Unsubscribed),
  message('markets', 'Every market', answers.Markets),
  message('pong', 'Answers a ping', answers.StreamPong),
  message('loggedIn', 'Who the client is', answers.LoggedIn),
  message(
    'order',
    'An order after it was placed, changed, cancelled or asked for',
    answers.OrderReply,
  ),
  message('cancelledAll', 'How many orders left', answers.CancelledAll),
  message('cancelAllAfter', 'When the orders would leave', answers.CancelAllAfter),
  message(
    'cancelOnDisconnect',
    'Whether orders leave with the connection',
    answers.CancelOnDisconnect,
  ),
  message('heartbeatInterval', 'How often heartbeats come', answers.HeartbeatInterval),
  message('done', 'An administrator’s order was carried out', answers.Done),
  message('error', 'A request was refused; the connection goes on', answers.StreamError),
  message('heartbeat', 'The connection lives, and what is quiet', answers.Heartbeat),
  message('serverShutdown', 'The server is about to close the connection', answers.ServerShutdown),
  message('slowConsumer', 'The last words to who was too slow', answers.SlowConsumer),
];

export const SENDS: readonly SocketMessage[] = [
  ...ANSWERS,
  ...Object.values(CHANNEL_MESSAGES).flat(),
];

/** What a client may send, one for each operation. */
export const TAKES: readonly SocketMessage[] = [
  message('subscribe', 'Follow a channel', asked.Subscribe),
  message('unsubscribe', 'Follow it no longer', asked.Unsubscribe),
  message('markets', 'Ask for all markets', asked.ListMarkets),
  message('ping', 'Ask whether the server lives', asked.Ping),
  message('login', 'Prove who you are', asked.Login),
  message('session.logon', 'The same', asked.Logon),
  message('session.heartbeat', 'Set how often heartbeats come', asked.SetHeartbeat),
  message(
    'session.cancel_on_disconnect',
    'Have orders leave with the connection',
    asked.SetCancelOnDisconnect,
  ),
  message('order.place', 'Place an order, or a set of linked ones', asked.PlaceOrder),
  message('order.cancel', 'Cancel an order', asked.CancelOrder),
  message('order.amend', 'Change an order in its place, where that can be', asked.AmendOrder),
  message('order.replace', 'Put another order in the place of one, or neither', asked.ReplaceOrder),
  message('order.status', 'Ask for an order, open or closed', asked.OrderStatus),
  message('order.cancel_all', 'Cancel all orders of a scope', asked.CancelAllOrders),
  message(
    'order.cancel_all_after',
    'Cancel them unless told again in time',
    asked.CancelAllOrdersAfter,
  ),
  message('admin.set_phase', 'Change a market’s phase; scope admin', asked.SetPhase),
  message('admin.set_reference', 'Set a market’s reference price; scope admin', asked.SetReference),
];
