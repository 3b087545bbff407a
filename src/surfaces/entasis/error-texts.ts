/** What an error says, in the language of the document and in English. */
export interface ErrorText {
  readonly korean: string;
  readonly english: string;
}

const text = (korean: string, english: string): ErrorText => ({ korean, english });

/** By the HTTP status; those of the document first, then those that it does not list. */
export const STATUS_TEXTS: Readonly<Record<number, ErrorText>> = {
  400: text('잘못된 요청', 'bad request'),
  401: text('인증 실패', 'authentication failed'),
  403: text('권한 없음', 'no permission'),
  404: text('리소스 없음', 'resource not found'),
  429: text('요청 한도 초과', 'request limit exceeded'),
  500: text('서버 내부 오류', 'internal server error'),
  405: text('허용되지 않는 메서드', 'method not allowed'),
  408: text('요청 시간 초과', 'request timeout'),
  409: text('요청 충돌', 'conflict'),
  413: text('요청 본문이 너무 큼', 'request body too large'),
  414: text('요청 주소가 너무 김', 'request address too long'),
  415: text('지원하지 않는 미디어 형식', 'unsupported media type'),
  503: text('서비스 이용 불가', 'service unavailable'),
};

/** The documented business codes. */
export const CODE_TEXTS = {
  MARKET_001: text('유효하지 않은 심볼', 'invalid symbol'),
  MARKET_002: text('거래소 연결 실패', 'exchange connection failed'),
  PORT_001: text('잔액 부족', 'insufficient balance'),
  PORT_002: text('포지션 한도 초과', 'position limit exceeded'),
  AI_001: text('모델 로딩 실패', 'model loading failed'),
  AI_002: text('예측 실패', 'prediction failed'),
} as const;
type BusinessCode = keyof typeof CODE_TEXTS;

/** The vocabulary of this surface: which refusals have a business code, by the gateway's code. */
export const CODE_OF_REFUSAL: ReadonlyMap<string, BusinessCode> = new Map([
  ['UNKNOWN_MARKET', 'MARKET_001'],
  ['UNKNOWN_EXCHANGE', 'MARKET_001'],
  ['COMMAND_RING_FULL', 'MARKET_002'],
  ['ORDER_POOL_FULL', 'MARKET_002'],
  ['JOURNAL_UNAVAILABLE', 'MARKET_002'],
  ['DISK_SPACE_LOW', 'MARKET_002'],
  ['DRAINING', 'MARKET_002'],
  ['INSUFFICIENT_BALANCE', 'PORT_001'],
  ['INSUFFICIENT_MARGIN', 'PORT_001'],
  ['POSITION_LIMIT_EXCEEDED', 'PORT_002'],
  ['MODEL_UNAVAILABLE', 'AI_001'],
  ['PREDICTION_FAILED', 'AI_002'],
]);
