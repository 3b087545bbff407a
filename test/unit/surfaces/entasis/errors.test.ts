import assert from 'node:assert/strict';
import { test } from 'node:test';
import { invalidParameter, Refusal } from '../../../../src/gateway/http/refusal.ts';
import { AddressList } from '../../../../src/lib/address-list.ts';
import { entasisSurface, errorReply } from '../../../../src/surfaces/entasis/errors.ts';
import { wantsEnglish } from '../../../../src/surfaces/entasis/language.ts';

const CONTEXT = { requestId: 'req_1', atMs: 1_705_312_800_123.4, acceptLanguage: '' };

test('Korean unless English is asked for', () => {
  const cases: [string, boolean][] = [
    ['', false],
    ['*', false],
    ['en', true],
    ['EN-us', true],
    ['ko', false],
    ['ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7', false],
    ['en-US,en;q=0.9,ko;q=0.8', true],
    ['ko;q=0.2, en;q=0.3', true],
    ['en;q=0', false],
    ['de, fr;q=0.9', false],
    ['de, en;q=0.1', true],
    ['en;q=banana', false],
    ['eng', false],
    [`en,${'x'.repeat(300)}`, false],
  ];
  for (const [header, expected] of cases) assert.equal(wantsEnglish(header), expected, header);
});

test('a business error has its code, its text and the sentence behind it', () => {
  const refusal = new Refusal('not_found', 'UNKNOWN_MARKET', 'Unknown market', {
    details: { parameter: 'symbol', value: 'DOGE' },
  });
  const reply = errorReply(refusal, CONTEXT);
  assert.deepEqual(reply, {
    status: 404,
    body: {
      error: {
        code: 'MARKET_001',
        message: '유효하지 않은 심볼',
        details: {
          parameter: 'symbol',
          value: 'DOGE',
          reason: 'UNKNOWN_MARKET',
          description: 'Unknown market',
        },
        timestamp: '2024-01-15T10:00:00.123Z',
        request_id: 'req_1',
      },
    },
  });
  const english = errorReply(refusal, { ...CONTEXT, acceptLanguage: 'en' }).body;
  assert.equal((english as { error: { message: string } }).error.message, 'invalid symbol');
});

test('every other failure has the text of its status', () => {
  const cases: [Refusal, number, string, string][] = [
    [invalidParameter('depth', 0, 'x'), 400, 'HTTP_400', '잘못된 요청'],
    [new Refusal('unauthenticated', 'A', 'x'), 401, 'HTTP_401', '인증 실패'],
    [new Refusal('forbidden', 'A', 'x'), 403, 'HTTP_403', '권한 없음'],
    [new Refusal('not_found', 'UNKNOWN_PATH', 'x'), 404, 'HTTP_404', '리소스 없음'],
    [new Refusal('rate_limited', 'A', 'x'), 429, 'HTTP_429', '요청 한도 초과'],
    [new Refusal('internal', 'INTERNAL_ERROR', 'x'), 500, 'HTTP_500', '서버 내부 오류'],
    [new Refusal('unavailable', 'MODEL_UNAVAILABLE', 'x'), 503, 'AI_001', '모델 로딩 실패'],
    [new Refusal('internal', 'PREDICTION_FAILED', 'x'), 500, 'AI_002', '예측 실패'],
    [new Refusal('conflict', 'INSUFFICIENT_MARGIN', 'x'), 409, 'PORT_001', '잔액 부족'],
    [new Refusal('conflict', 'POSITION_LIMIT_EXCEEDED', 'x'), 409, 'PORT_002', '포지션 한도 초과'],
    [new Refusal('unavailable', 'DRAINING', 'x'), 503, 'MARKET_002', '거래소 연결 실패'],
  ];
  for (const [refusal, status, code, message] of cases) {
    const reply = errorReply(refusal, CONTEXT);
    const { error } = reply.body as { error: { code: string; message: string } };
    assert.deepEqual([reply.status, error.code, error.message], [status, code, message]);
  }
});

test('the surface owns its rooms under both bases, and no more', () => {
  const { prefixes } = entasisSurface(new AddressList([]));
  assert.deepEqual(
    [...prefixes],
    [
      '/api/v1/market/',
      '/api/v1/portfolio/',
      '/api/v1/analysis/',
      '/v1/market/',
      '/v1/portfolio/',
      '/v1/analysis/',
    ],
  );
});
