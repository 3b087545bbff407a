/**
 * The few words a thread that blocks in `Atomics.wait` shares with the gateway, which could not
 * reach it by messages alone. Ring the thread's doorbell after a change.
 *
 * ```
 *  Int32 0: stop      1 = finish what is published, then leave the loop
 *  Int32 1: mail      counts messages posted to the thread; it reads them when the count moved
 *  Int32 2: loops     counts turns of the thread's loop: shows that it lives
 * ```
 */
const STOP_INDEX = 0;
const MAIL_INDEX = 1;
const LOOPS_INDEX = 2;

export class ThreadControl {
  readonly buffer: SharedArrayBuffer;
  private readonly words: Int32Array;
  private mailSeen = 0;

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(128)) {
    this.buffer = buffer;
    this.words = new Int32Array(buffer);
  }

  requestStop(): void {
    Atomics.store(this.words, STOP_INDEX, 1);
  }

  stopRequested(): boolean {
    return Atomics.load(this.words, STOP_INDEX) === 1;
  }

  /** Says that a message was posted; the thread picks it up with `receiveMessageOnPort`. */
  announceMail(): void {
    Atomics.add(this.words, MAIL_INDEX, 1);
  }

  /** True once for any number of announcements since the last call; for the thread itself. */
  takeMail(): boolean {
    const mail = Atomics.load(this.words, MAIL_INDEX);
    if (mail === this.mailSeen) return false;
    this.mailSeen = mail;
    return true;
  }

  hasMail(): boolean {
    return Atomics.load(this.words, MAIL_INDEX) !== this.mailSeen;
  }

  countLoop(): void {
    Atomics.add(this.words, LOOPS_INDEX, 1);
  }

  loops(): number {
    return Atomics.load(this.words, LOOPS_INDEX);
  }
}
