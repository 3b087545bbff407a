import {
  CreatedWebhook,
  CreateWebhookBody,
  DeletedWebhook,
  DeliveriesQuery,
  DeliveryList,
  WebhookList,
  WebhookParams,
  type WireDelivery,
  type WireWebhook,
} from '../../../schemas/octopus-webhooks.ts';
import { Refusal } from '../../gateway/http/refusal.ts';
import { defineRoute, type RequestContext, type Route } from '../../gateway/http/route.ts';
import type { Delivery, Webhook } from '../../gateway/webhooks/webhook-state.ts';
import { deliveryName, tooManyWebhooks, type Webhooks } from '../../gateway/webhooks/webhooks.ts';
import { principalOf } from './auth-routes.ts';
import { SURFACE } from './errors.ts';
import { webhookIdOf, webhookUuid } from './ids.ts';

const READ = { surface: SURFACE, limit: 'default', auth: 'required', scope: 'read' } as const;
const WRITE = { ...READ, scope: 'write' } as const;
const DELIVERIES_DEFAULT = 50;

/** Where the caller's alerts are told over HTTP (an extension). */
export function webhookRoutes(webhooks: Webhooks): Route[] {
  return [
    defineRoute({
      ...WRITE,
      method: 'POST',
      path: '/api/webhooks/',
      summary: 'Register a receiver of the caller’s alerts; its secret is shown this once',
      body: CreateWebhookBody,
      response: CreatedWebhook,
      examples: { body: { url: 'https://desk.example/hooks', events: ['alert.price'] } },
      refusals: [tooManyWebhooks('of one owner')],
      successStatus: 201,
      handler: (context) => register(webhooks, context),
    }),
    defineRoute({
      ...READ,
      method: 'GET',
      path: '/api/webhooks/',
      summary: 'The caller’s receivers, oldest first',
      response: WebhookList,
      successStatus: 200,
      handler: (context) => {
        return { webhooks: webhooks.list(principalOf(context).userId).map(webhookToWire) };
      },
    }),
    ...oneWebhookRoutes(webhooks),
  ];
}

function oneWebhookRoutes(webhooks: Webhooks): Route[] {
  return [
    defineRoute({
      ...WRITE,
      method: 'DELETE',
      path: '/api/webhooks/{webhook_id}',
      summary: 'Remove a receiver, with what waits for it',
      params: WebhookParams,
      response: DeletedWebhook,
      refusals: [unknown('')],
      successStatus: 200,
      handler: async (context) => {
        const { webhook_id: id } = context.params;
        const { userId } = principalOf(context);
        const webhookId = webhookIdOf(id);
        const hook = webhookId && (await webhooks.remove(webhookId, userId, userId));
        return hook ? { ...webhookToWire(hook), deleted: true } : unknown(id);
      },
    }),
    defineRoute({
      ...READ,
      method: 'GET',
      path: '/api/webhooks/{webhook_id}/deliveries',
      summary: 'What was sent to a receiver, and what became of it; newest first',
      params: WebhookParams,
      query: DeliveriesQuery,
      response: DeliveryList,
      examples: { query: { limit: 10 } },
      refusals: [unknown('')],
      successStatus: 200,
      handler: (context) => {
        const { params, query } = context;
        const webhookId = webhookIdOf(params.webhook_id);
        const own = webhooks.list(principalOf(context).userId);
        if (webhookId === undefined || !own.some((hook) => hook.webhookId === webhookId)) {
          return unknown(params.webhook_id);
        }
        const deliveries = webhooks.deliveries(webhookId, query.limit ?? DELIVERIES_DEFAULT);
        return { deliveries: deliveries.map(deliveryToWire) };
      },
    }),
  ];
}

async function register(
  webhooks: Webhooks,
  context: RequestContext<unknown, unknown, CreateWebhookBody>,
): Promise<object> {
  const { url, events = [], description = '' } = context.body;
  const { userId } = principalOf(context);
  const made = await webhooks.register({ ownerId: userId, url, events, description }, userId);
  if (made instanceof Refusal) return made;
  return { ...webhookToWire(made.hook), secret: made.secret };
}

function webhookToWire({ webhookId, url, events, description, atMs }: Webhook): WireWebhook {
  const created_at = new Date(atMs).toISOString();
  return { id: webhookUuid(webhookId), url, events: [...events], description, created_at };
}

function deliveryToWire(delivery: Delivery): WireDelivery {
  const { status, httpStatus, error, nextAtMs } = delivery;
  return {
    id: deliveryName(delivery.deliveryId),
    event: delivery.event,
    status,
    attempts: delivery.attempts,
    http_status: httpStatus === 0 ? null : httpStatus,
    error: error === '' ? null : error,
    created_at: new Date(delivery.atMs).toISOString(),
    updated_at: new Date(delivery.updatedMs).toISOString(),
    next_attempt_at: status === 'pending' && nextAtMs > 0 ? new Date(nextAtMs).toISOString() : null,
  };
}

function unknown(id: string): Refusal {
  return new Refusal('not_found', 'UNKNOWN_WEBHOOK', 'There is no such webhook.', {
    details: { parameter: 'webhook_id', value: id },
  });
}
