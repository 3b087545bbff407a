import { setTimeout as sleep } from 'node:timers/promises';
import type { Message, StreamClient } from './stream-client.ts';

/** Waits for messages of one channel that a client was sent without asking, in their order. */
export class ChannelFollower {
  private readonly client: StreamClient;
  private readonly channel: string;
  private read = 0;

  constructor(client: StreamClient, channel: string) {
    this.client = client;
    this.channel = channel;
  }

  /** The next message of the channel; throws when none comes for twenty seconds. */
  async next(): Promise<Message> {
    for (let tries = 0; tries < 2000; tries += 1) {
      const { unasked } = this.client;
      while (this.read < unasked.length) {
        const message = unasked[this.read];
        this.read += 1;
        if (message.channel === this.channel) return message;
      }
      await sleep(10);
    }
    throw new Error(`no message of ${this.channel} came`);
  }

  /** Messages until one fits, that one included. */
  async until(fits: (message: Message) => boolean): Promise<Message[]> {
    const seen: Message[] = [];
    for (;;) {
      seen.push(await this.next());
      if (fits(seen.at(-1))) return seen;
    }
  }
}
