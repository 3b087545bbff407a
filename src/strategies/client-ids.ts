const NAME = /^st([1-9]\d{0,9})-([1-9]\d{0,15})$/;

/** The client order id of a deployment's order: it tells own orders from all others. */
export function orderName(deploymentId: number, orderNumber: number): string {
  return `st${deploymentId}-${orderNumber}`;
}

/** Number of the order if the client order id is one of this deployment; else 0. */
export function orderNumberOf(deploymentId: number, clientOrderId: string): number {
  const match = NAME.exec(clientOrderId);
  return match !== null && Number(match[1]) === deploymentId ? Number(match[2]) : 0;
}

/** The deployment a client order id belongs to; 0 for everybody else's. */
export function deploymentOf(clientOrderId: string): number {
  const match = NAME.exec(clientOrderId);
  return match === null ? 0 : Number(match[1]);
}
