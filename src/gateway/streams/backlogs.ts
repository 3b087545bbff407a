/** A connection whose unread bytes are watched. */
export interface Backlogged {
  /** Bytes that wait in this process for the client to read. */
  readonly bufferedBytes: number;
  /** Too much waits: nothing more may be published to it. Called between publications. */
  becomeSlow(): void;
}

/**
 * Looks from time to time whether a connection has left more than its bound unread.
 *
 * The library has a bound of its own, but it cannot be what ends a connection: it hands a socket the
 * messages of a turn together, and when one of them finds no room it tells of that one and forgets
 * the others, so nobody could say what the client has. Here a connection leaves its topics between
 * two publications, before anything was refused: everything published until then is in its backlog
 * or on the way there, and nothing after.
 *
 * Looking is rare while all backlogs are short: after as many bytes as the longest one still had room
 * for, since none can have grown by more than was published. What a client is sent alone is not
 * counted: a large state may wait for it, as long as it reads that before as much again is published.
 */
export class Backlogs {
  private readonly boundBytes: number;
  private readonly stepBytes: number;
  private readonly watched = new Set<Backlogged>();
  /** What may still be published before the next look. */
  private allowanceBytes: number;
  private isDue = false;

  /** @param stepBytes published between two looks at least, so that looking costs little */
  constructor(boundBytes: number, stepBytes: number) {
    this.boundBytes = boundBytes;
    this.stepBytes = stepBytes;
    this.allowanceBytes = stepBytes;
  }

  watch(connection: Backlogged): void {
    this.watched.add(connection);
  }

  forget(connection: Backlogged): void {
    this.watched.delete(connection);
  }

  /** Counts bytes of a message, once however many receive it. */
  published(bytes: number): void {
    this.allowanceBytes -= bytes;
    if (this.allowanceBytes > 0 || this.isDue) return;
    this.isDue = true;
    // Now may be amid a publication, when part of the messages of one moment are out.
    setImmediate(this.lookLate);
  }

  /** Finds the connections beyond the bound, if enough was published. To be called between publications. */
  look(): void {
    if (this.allowanceBytes > 0) return;
    let longestBytes = 0;
    for (const connection of this.watched) {
      const { bufferedBytes } = connection;
      if (bufferedBytes <= this.boundBytes) longestBytes = Math.max(longestBytes, bufferedBytes);
      else {
        this.watched.delete(connection);
        connection.becomeSlow();
      }
    }
    this.allowanceBytes = Math.max(this.stepBytes, this.boundBytes - longestBytes);
  }

  private readonly lookLate = (): void => {
    this.isDue = false;
    this.look();
  };
}
