import { Refusal } from '../http/refusal.ts';

export function unknownStrategy(strategy: string): Refusal {
  return new Refusal('not_found', 'UNKNOWN_STRATEGY', 'There is no such strategy.', {
    details: { parameter: 'strategy_id', value: strategy },
  });
}

export function notDeployed(strategy: string): Refusal {
  return notNow(strategy, 'STRATEGY_NOT_RUNNING', 'is not deployed');
}

export function notNow(strategy: string, code: string, what: string): Refusal {
  return new Refusal('conflict', code, `The strategy ${what}.`, {
    details: { parameter: 'strategy_id', value: strategy, reason: code },
  });
}

export function tooMany(): Refusal {
  const message = 'The venue runs as many strategies as it may.';
  return new Refusal('unavailable', 'TOO_MANY_STRATEGIES', message, { retryAfterSeconds: 60 });
}
