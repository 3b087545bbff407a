/**
 * True when the header asks for English rather than for Korean, the language of the document, which
 * is what everybody gets who asks for neither.
 * @param acceptLanguage value of `Accept-Language`, `''` where there is none
 */
export function wantsEnglish(acceptLanguage: string): boolean {
  if (acceptLanguage === '' || acceptLanguage.length > LONGEST) return false;
  let english = 0;
  let korean = 0;
  for (const range of acceptLanguage.toLowerCase().split(',')) {
    const [tag, ...parameters] = range.split(';').map((part) => part.trim());
    const weight = weightOf(parameters);
    if (/^en(-|$)/.test(tag)) english = Math.max(english, weight);
    else if (/^ko(-|$)/.test(tag)) korean = Math.max(korean, weight);
  }
  return english > korean;
}

/** No browser sends a longer one. */
const LONGEST = 256;

/** RFC 9110, 12.4.2: `q=0.8`; 1 where there is none, 0 where it is not understood. */
function weightOf(parameters: readonly string[]): number {
  const quality = parameters.find((parameter) => parameter.startsWith('q='));
  if (quality === undefined) return 1;
  return /^q=(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(quality) ? Number(quality.slice(2)) : 0;
}
