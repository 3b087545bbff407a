import WebSocket from 'ws';

/** What a socket tells the feed that dialled it. Nothing follows `closed`. */
export interface DialEvents {
  opened(): void;
  message(text: string): void;
  /** A frame that is no text, or not UTF-8. */
  unreadable(): void;
  /** The socket is gone, or never came to be. */
  closed(reason: string): void;
}

export interface DialledSocket {
  send(text: string): void;
  ping(): void;
  /** Drops the connection at once: a peer that does not answer would not say goodbye either. */
  drop(): void;
}

export type Dial = (url: string, events: DialEvents) => DialledSocket;

/** A frame longer than this is no message of an exchange. */
const FRAME_BYTES_MAX = 8 * 1024 * 1024;

/** Dials with `ws`. The time limit is the feed's, which drops a socket that does not open. */
export const dialWebSocket: Dial = (url, events) => {
  let isClosed = false;
  const close = (reason: string): void => {
    if (isClosed) return;
    isClosed = true;
    events.closed(reason);
  };
  const socket = new WebSocket(url, {
    maxPayload: FRAME_BYTES_MAX,
    perMessageDeflate: false,
    followRedirects: false,
    skipUTF8Validation: false,
  });
  socket.on('open', () => {
    if (!isClosed) events.opened();
  });
  socket.on('message', (data: Buffer, isBinary: boolean) => {
    if (isClosed) return;
    if (isBinary) events.unreadable();
    else events.message(data.toString());
  });
  socket.on('unexpected-response', (request, response) => {
    request.destroy();
    close(`the upgrade was answered with ${response.statusCode}`);
  });
  socket.on('error', (error) => {
    close(error.message);
    socket.terminate();
  });
  socket.on('close', (code) => close(`closed with ${code}`));
  return {
    send: (text) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    ping: () => {
      if (socket.readyState === WebSocket.OPEN) socket.ping();
    },
    drop: () => {
      isClosed = true;
      socket.terminate();
    },
  };
};
