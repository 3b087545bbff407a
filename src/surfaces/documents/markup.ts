/** HTML that is what it says: whatever else goes into a template is escaped. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Part = string | Markup | readonly Markup[];

const ESCAPED: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A template of HTML. Text in it is escaped, markup and lists of markup are not. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  let text = strings[0];
  parts.forEach((part, i) => {
    text += write(part) + strings[i + 1];
  });
  return new Markup(text);
}

/** Text of ours that is HTML already. */
export function raw(text: string): Markup {
  return new Markup(text);
}

function write(part: Part): string {
  if (typeof part === 'string') return part.replace(/[&<>"']/g, (char) => ESCAPED[char]);
  if (part instanceof Markup) return part.text;
  return part.map(({ text }) => text).join('');
}
