import { HealthResponse, RootResponse } from '../../../schemas/takashi.ts';
import { Answer, defineRoute, type Route } from '../../gateway/http/route.ts';
import { SURFACE } from './errors.ts';
import { health, root } from './system.ts';

const OPEN = { surface: SURFACE, limit: 'rest', auth: 'public', scope: null } as const;

export function takashiRoutes(): Route[] {
  return [
    defineRoute({
      ...OPEN,
      method: 'GET',
      path: '/',
      summary: 'Name, version and status of the API',
      response: RootResponse,
      successStatus: 200,
      handler: ({ venue }) => root(venue),
    }),
    defineRoute({
      ...OPEN,
      method: 'GET',
      path: '/health',
      summary: 'Health of every exchange feed',
      response: HealthResponse,
      successStatus: 200,
      handler: ({ venue, clock }) => {
        const body = health(venue, clock.nowMs() / 1000);
        return Answer.json(body, { status: body.status === 'unhealthy' ? 503 : 200 });
      },
    }),
  ];
}
