import { type RecordingSummary, summarise } from '../recording/summary.ts';

/** `openbell record --info`: exit code 1 where the file is damaged. */
export async function recordInfo(path: string, asJson: boolean): Promise<number> {
  const summary = await summarise(path);
  process.stdout.write(asJson ? `${json(summary)}\n` : text(path, summary));
  return summary.damage === undefined ? 0 : 1;
}

function json(summary: RecordingSummary): string {
  return JSON.stringify(summary, (_name, value) =>
    typeof value === 'bigint' ? String(value) : value,
  );
}

function text(path: string, summary: RecordingSummary): string {
  const { header, sessions, gaps, streams, firstNs, lastNs, damage } = summary;
  const seconds = Number(lastNs - firstNs) / 1e9;
  const messages = streams.reduce((sum, row) => sum + row.messages, 0);
  const epochs = [...new Set(sessions.map(({ epoch }) => epoch))].join(', ') || 'none';
  const lines = [
    `${path}: ${header.message_format} of ${header.url}, by ${header.recorder}`,
    `from ${isoMicros(firstNs)} for ${seconds.toFixed(3)} s`,
    `${messages} messages of ${streams.length} streams, ${summary.otherMessages} others, ${summary.bytes} bytes`,
    `${sessions.length} connections, epochs ${epochs}, ${gaps.length} gaps`,
  ];
  for (const { code, reason } of gaps) lines.push(`  gap: ${code} ${reason}`);
  if (damage !== undefined) lines.push(`DAMAGED: the file ends with ${damage}`);
  else if (!summary.ended) lines.push('the recorder did not end in good order');
  lines.push('', row('channel', 'market', 'messages', 'bytes', 'first seq', 'last seq', 'breaks'));
  for (const stream of streams) {
    const { channel, market, firstSeq, lastSeq, breaks } = stream;
    const counts = [stream.messages, stream.bytes, firstSeq, lastSeq, breaks].map(String);
    lines.push(row(channel, market, ...counts));
  }
  return `${lines.join('\n')}\n`;
}

function row(channel: string, market: string, ...numbers: string[]): string {
  const columns = numbers.map((number) => number.padStart(12));
  return `${channel.padEnd(12)} ${market.padEnd(22)}${columns.join('')}`;
}

function isoMicros(ns: bigint): string {
  const micros = ns / 1000n;
  const millis = new Date(Number(micros / 1000n)).toISOString();
  return millis.replace('Z', `${String(micros % 1000n).padStart(3, '0')}Z`);
}
