/** What a verb writes to: results to out, everything else (progress, problems) to err. */
export interface Io {
  out(line: string): void
  err(line: string): void
}

/** Something a person typed that no verb understands: exit code 2, with what to type instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** A 'no' of the server, in its own words: exit code 1. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError'
  readonly code: string
  readonly body: Readonly<Record<string, unknown>>
  constructor(body: Readonly<Record<string, unknown>>) {
    super(String(body.message ?? body.code ?? '请求没有成功'))
    this.code = String(body.code ?? '')
    this.body = body
  }
}

/** Says that work is going on once it takes longer than a second, and again every second. */
export const withProgress = async <T>(io: Io, what: string, work: () => Promise<T>): Promise<T> => {
  const started = Date.now()
  const timer = setInterval(() => io.err(`${what}……已用 ${Math.round((Date.now() - started) / 1_000)} 秒`), 1_000)
  try {
    return await work()
  } finally {
    clearInterval(timer)
  }
}

export interface Parsed {
  readonly words: readonly string[]
  readonly flags: ReadonlyMap<string, string>
}

/** Words and --flags; a flag's value follows it or an equals sign; `plain` flags take none. */
export const parse = (args: readonly string[], known: readonly string[], plain: readonly string[] = []): Parsed => {
  const words: string[] = []
  const flags = new Map<string, string>()
  for (let i = 0; i < args.length; i += 1) {
    const arg = args[i] ?? ''
    if (!arg.startsWith('-') || arg === '-') {
      words.push(arg)
      continue
    }
    const [name = '', inline] = arg.replace(/^--?/, '').split(/=(.*)/s)
    if (plain.includes(name)) flags.set(name, 'yes')
    else if (known.includes(name)) {
      if (inline === undefined) i += 1
      const value = inline ?? args[i]
      if (value === undefined) throw new UsageError(`--${name} 后面要写内容`)
      flags.set(name, value)
    } else throw new UsageError(`不认识的选项 ${arg}`)
  }
  return { words, flags }
}

const width = (text: string): number =>
  [...text].reduce(
    (sum, c) =>
      sum +
      (/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{20000}-\u{3fffd}]/u.test(
        c,
      )
        ? 2
        : 1),
    0,
  )

/** Rows as an aligned table; Chinese signs are two columns wide. */
export const table = (titles: readonly string[], rows: readonly (readonly (string | number | null)[])[]): string => {
  const all = [titles, ...rows.map((row) => row.map((cell) => String(cell ?? '')))]
  const widths = titles.map((_, i) => Math.max(...all.map((row) => width(row[i] ?? ''))))
  return all
    .map((row) =>
      row
        .map((cell, i) => cell + ' '.repeat(Math.max(0, (widths[i] ?? 0) - width(cell))))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
