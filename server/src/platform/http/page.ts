const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** A piece of HTML whose values were escaped. */
export interface Html {
  readonly html: string
}

const piece = (value: unknown): string => {
  if (value === null || value === undefined || value === false) return ''
  if (Array.isArray(value)) return value.map(piece).join('')
  if (typeof value === 'object' && 'html' in value) return String((value as Html).html)
  return String(value).replace(/[&<>"']/g, (c) => entities[c] ?? '')
}

/** HTML as a template: what is put in is escaped, unless it is HTML made the same way. */
export const html = (strings: TemplateStringsArray, ...values: readonly unknown[]): Html => ({
  html: strings.reduce((text, string, i) => text + string + (i < values.length ? piece(values[i]) : ''), ''),
})

/** A whole page: one style sheet, no script. */
export const page = (title: string, body: Html): string =>
  `<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${piece(title)}</title><link rel="stylesheet" href="/tongzhou.css"></head><body>${body.html}</body></html>`
