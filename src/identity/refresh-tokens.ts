import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a refresh token names: one use in one chain of a session. */
export interface RefreshClaim {
  readonly sessionId: string;
  readonly chain: number;
  readonly generation: number;
}

const FORM = /^obr_([\w-]{16})\.(\d{1,6})\.(\d{1,9})\.([\w-]{43})$/;

/**
 * Refresh tokens are names with a MAC: nothing of them is stored but the generation that is good,
 * so one that was used before is recognised for what it is and told from a guess.
 */
export class RefreshTokens {
  private readonly secret: Buffer;

  /** @param secret 32 random bytes, base64url */
  constructor(secret: string) {
    this.secret = Buffer.from(secret, 'base64url');
  }

  issue({ sessionId, chain, generation }: RefreshClaim): string {
    const name = `obr_${sessionId}.${chain}.${generation}`;
    return `${name}.${this.mac(name).toString('base64url')}`;
  }

  /** What a token of ours names; `undefined` for anything else. */
  read(token: string): RefreshClaim | undefined {
    const match = FORM.exec(token);
    if (match === null) return undefined;
    const name = token.slice(0, token.lastIndexOf('.'));
    const given = Buffer.from(match[4], 'base64url');
    const wanted = this.mac(name);
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return undefined;
    return { sessionId: match[1], chain: Number(match[2]), generation: Number(match[3]) };
  }

  private mac(name: string): Buffer {
    return createHmac('sha256', this.secret).update(name).digest();
  }
}

/** True for text of the form of a refresh token, good or not. */
export function looksLikeRefreshToken(text: string): boolean {
  return text.startsWith('obr_');
}
