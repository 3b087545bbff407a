/** What one endpoint has done since the start, for metrics. What is of now says so, all else rises. */
export class StreamCounters {
  /** Open connections, now. */
  connections = 0;
  /** Subscriptions held by open connections, now. */
  subscriptions = 0;
  /** Connections ever opened. */
  opened = 0;
  /** Messages encoded: one however many receive it. */
  messages = 0;
  /** Messages handed to sockets: a published one counts once per subscriber. */
  deliveries = 0;
  /** Payload bytes of those deliveries. */
  bytes = 0;
  /** Connections that have left too much unread and are not closed yet, now. */
  slow = 0;
  /** Messages lost because even the room beyond a socket's bound was used up. */
  drops = 0;
  /** Slow connections that read their backlog and were closed with 4008. */
  slowCloses = 0;
  /** Slow connections that did not read it in time and were cut off without a close frame. */
  slowCuts = 0;
  /** Messages left out because a slow client was given a newer state in their place. */
  conflations = 0;
  /** Clients that came back and got what they had missed, and such as had to start anew. */
  resumes = 0;
  resumesLost = 0;
  /** Requests answered with an error. */
  errors = 0;
  /** Upgrades refused. */
  refused = 0;
  /** Messages and upgrades refused by code; codes are constants of ours. */
  readonly refusals = new Map<string, number>();

  /** Counts a refusal under its code. */
  refuse(code: string): void {
    this.refusals.set(code, (this.refusals.get(code) ?? 0) + 1);
  }

  /** Counts a message that goes to a number of sockets. */
  sent(bytes: number, receivers: number): void {
    this.messages += 1;
    this.deliveries += receivers;
    this.bytes += bytes * receivers;
  }
}
