import type { AlertDirection, AlertEvent, RiskMetric } from '../../domain/alert-events.ts';

/** What both kinds of alert have in common. */
interface AlertTerms {
  readonly alertId: number;
  readonly userId: number;
  readonly direction: AlertDirection;
  readonly repeats: boolean;
  readonly note: string;
  readonly createdMs: number;
  /** Times it has fired. */
  firings: number;
  /** When it fired last, and the figure that made it: ticks, or the metric; `null`: never. */
  firedMs: number | null;
  firedValue: number | null;
}

export interface PriceAlert extends AlertTerms {
  readonly kind: 'price';
  readonly marketId: number;
  readonly priceTicks: number;
}

export interface RiskAlert extends AlertTerms {
  readonly kind: 'risk';
  readonly portfolioId: number;
  readonly metric: RiskMetric;
  readonly threshold: number;
}

export type Alert = PriceAlert | RiskAlert;

/** True for an alert that may fire, now or once its figure was on the other side. */
export function isActive({ repeats, firings }: Alert): boolean {
  return repeats || firings === 0;
}

/** All alerts there are, as the venue's facts tell of them. */
export class AlertBook {
  private readonly alerts = new Map<number, Alert>();
  private readonly byUser = new Map<number, Set<Alert>>();
  private lastAlertId = 0;

  /** Applies a durable fact. @returns the alert it is about, if there (still) is one */
  apply(event: AlertEvent): Alert | undefined {
    const { alertId } = event;
    switch (event.kind) {
      case 'PriceAlertSet':
      case 'RiskAlertSet':
        return this.add(event);
      case 'AlertFired': {
        const alert = this.alerts.get(alertId);
        if (alert === undefined) return undefined;
        alert.firings += 1;
        alert.firedMs = event.atMs;
        alert.firedValue = event.value;
        return alert;
      }
      case 'AlertRemoved': {
        const alert = this.alerts.get(alertId);
        if (alert === undefined) return undefined;
        this.alerts.delete(alertId);
        this.byUser.get(alert.userId)?.delete(alert);
        return alert;
      }
    }
  }

  get(alertId: number): Alert | undefined {
    return this.alerts.get(alertId);
  }

  /** Oldest first. */
  of(userId: number): Alert[] {
    return [...(this.byUser.get(userId) ?? [])];
  }

  countOf(userId: number): number {
    return this.byUser.get(userId)?.size ?? 0;
  }

  all(): IterableIterator<Alert> {
    return this.alerts.values();
  }

  /** The id the next alert must get; each is given once. */
  takeId(): number {
    this.lastAlertId += 1;
    return this.lastAlertId;
  }

  private add(event: AlertEvent & { kind: 'PriceAlertSet' | 'RiskAlertSet' }): Alert {
    const { alertId, userId, direction, repeats, note, atMs: createdMs } = event;
    const terms = { alertId, userId, direction, repeats, note, createdMs };
    const unfired = { firings: 0, firedMs: null, firedValue: null };
    const alert: Alert =
      event.kind === 'PriceAlertSet'
        ? {
            ...terms,
            ...unfired,
            kind: 'price',
            marketId: event.marketId,
            priceTicks: event.priceTicks,
          }
        : {
            ...terms,
            ...unfired,
            kind: 'risk',
            portfolioId: event.portfolioId,
            metric: event.metric,
            threshold: event.threshold,
          };
    this.alerts.set(alertId, alert);
    let own = this.byUser.get(userId);
    if (own === undefined) {
      own = new Set();
      this.byUser.set(userId, own);
    }
    own.add(alert);
    this.lastAlertId = Math.max(this.lastAlertId, alertId);
    return alert;
  }
}
