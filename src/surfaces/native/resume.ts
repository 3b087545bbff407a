import type { StreamSocket } from '../../gateway/streams/endpoint.ts';
import type { ChannelPosition } from '../../projections/channel-position.ts';
import type { ResumePoint } from './subscribe-request.ts';
import type { TopicHistory } from './topic-history.ts';

/** What a stream is now, and what is kept of it. */
export interface Resumable {
  readonly position: ChannelPosition;
  readonly history: TopicHistory | undefined;
}

/**
 * The messages that a client which comes back has not had, oldest first. `undefined` when it has to
 * start anew: they are of another epoch, no longer kept, or too many to be sent at once.
 * @param bytesMax what may wait on the socket with them
 */
export function missedMessages(
  resume: ResumePoint | undefined,
  epoch: number,
  { position, history }: Resumable,
  socket: StreamSocket,
  bytesMax: number,
): Uint8Array[] | undefined {
  if (resume === undefined || resume.epoch !== epoch) return undefined;
  if (resume.seq === position.publishedSeq) return [];
  const messages = history?.since(resume.seq);
  if (messages === undefined) return undefined;
  const bytes = messages.reduce((sum, { length }) => sum + length, socket.bufferedBytes);
  return bytes > bytesMax ? undefined : messages;
}
