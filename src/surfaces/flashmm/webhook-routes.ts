import {
  DeliveriesQuery,
  DeliveriesResponse,
  WebhookBody,
  WebhookCreated,
  WebhookParams,
  WebhooksResponse,
  WebhookView,
} from '../../../schemas/flashmm-admin.ts';
import { clientOf } from '../../gateway/http/identity-refusal.ts';
import { Refusal } from '../../gateway/http/refusal.ts';
import { defineRoute, type RequestContext, type Route } from '../../gateway/http/route.ts';
import type { Delivery, Webhook } from '../../gateway/webhooks/webhook-state.ts';
import { deliveryName, tooManyWebhooks, type Webhooks } from '../../gateway/webhooks/webhooks.ts';
import type { Identity } from '../../identity/identity.ts';
import type { Principal } from '../../identity/principal.ts';
import { SURFACE } from './errors.ts';
import { timeOf, timeOrNull } from './wire.ts';

export interface WebhookServices {
  readonly webhooks: Webhooks;
  readonly identity: Pick<Identity, 'recordAction'>;
}

const ADMIN = {
  surface: SURFACE,
  auth: 'required',
  scope: 'admin',
  limit: 'admin',
  audited: true,
} as const;
/** Whose events these webhooks are told of: the venue's own. */
const VENUE = 0;

/** Who is told of pauses, stops and other events of the venue. */
export function webhookRoutes(services: WebhookServices): Route[] {
  const { webhooks } = services;
  return [
    defineRoute({
      ...ADMIN,
      method: 'GET',
      path: '/api/v1/admin/webhooks',
      summary: 'Receivers of the venue’s events (an extension)',
      response: WebhooksResponse,
      successStatus: 200,
      handler: () => ({ webhooks: webhooks.list(VENUE).map(hookToWire) }),
    }),
    defineRoute({
      ...ADMIN,
      method: 'POST',
      path: '/api/v1/admin/webhooks',
      summary: 'Register a receiver; its secret is shown this once (an extension)',
      body: WebhookBody,
      examples: { body: { url: 'https://hooks.example.com/venue', events: ['trading.paused'] } },
      refusals: [tooManyWebhooks('on this venue')],
      response: WebhookCreated,
      successStatus: 201,
      handler: (context) => register(services, context),
    }),
    defineRoute({
      ...ADMIN,
      method: 'DELETE',
      path: '/api/v1/admin/webhooks/{webhook_id}',
      summary: 'Remove a receiver, with what waits for it (an extension)',
      params: WebhookParams,
      refusals: [unknownWebhook('7')],
      response: WebhookView,
      successStatus: 200,
      handler: (context) => remove(services, context),
    }),
    defineRoute({
      ...ADMIN,
      method: 'GET',
      path: '/api/v1/admin/webhooks/{webhook_id}/deliveries',
      summary: 'What was sent to a receiver, and what became of it (an extension)',
      params: WebhookParams,
      query: DeliveriesQuery,
      refusals: [unknownWebhook('7')],
      response: DeliveriesResponse,
      successStatus: 200,
      handler: ({ params, query }) => {
        const webhookId = Number(params.webhook_id);
        const isThere = webhooks.list(VENUE).some((hook) => hook.webhookId === webhookId);
        if (!isThere) return unknownWebhook(params.webhook_id);
        const deliveries = webhooks.deliveries(webhookId, query.limit ?? 50);
        return { deliveries: deliveries.map(deliveryToWire) };
      },
    }),
  ];
}

async function register(
  { webhooks, identity }: WebhookServices,
  context: RequestContext<unknown, unknown, WebhookBody>,
): Promise<WebhookCreated | Refusal> {
  const { url, events = [], description = '' } = context.body;
  const { userId } = context.principal as Principal;
  const made = await webhooks.register({ ownerId: VENUE, url, events, description }, userId);
  if (made instanceof Refusal) return made;
  const view = hookToWire(made.hook);
  const { webhook_id } = view;
  await identity.recordAction('webhook.registered', { webhook_id, url }, clientOf(context), userId);
  return { ...view, secret: made.secret };
}

async function remove(
  { webhooks, identity }: WebhookServices,
  context: RequestContext<WebhookParams>,
): Promise<WebhookView | Refusal> {
  const { webhook_id } = context.params;
  const { userId } = context.principal as Principal;
  const hook = await webhooks.remove(Number(webhook_id), VENUE, userId);
  if (hook === undefined) return unknownWebhook(webhook_id);
  const details = { webhook_id, url: hook.url };
  await identity.recordAction('webhook.removed', details, clientOf(context), userId);
  return hookToWire(hook);
}

function hookToWire({ webhookId, url, events, description, atMs }: Webhook): WebhookView {
  const webhook_id = String(webhookId);
  return { webhook_id, url, events: [...events], description, created_at: timeOf(atMs) };
}

function deliveryToWire(delivery: Delivery): DeliveriesResponse['deliveries'][number] {
  return {
    delivery_id: deliveryName(delivery.deliveryId),
    event: delivery.event,
    status: delivery.status,
    attempts: delivery.attempts,
    http_status: delivery.httpStatus === 0 ? null : delivery.httpStatus,
    error: delivery.error === '' ? null : delivery.error,
    created_at: timeOf(delivery.atMs),
    updated_at: timeOf(delivery.updatedMs),
    next_attempt_at: delivery.status === 'pending' ? timeOrNull(delivery.nextAtMs) : null,
  };
}

function unknownWebhook(id: string): Refusal {
  return new Refusal('not_found', 'UNKNOWN_WEBHOOK', 'There is no such webhook.', {
    details: { parameter: 'webhook_id', value: id },
  });
}
