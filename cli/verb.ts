import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { type Connection, connect } from './connection.ts'
import { type Io, type Parsed, parse, UsageError, withProgress } from './io.ts'

export interface Verb {
  readonly name: string
  readonly help: { readonly zh: string; readonly en: string; readonly usage: readonly string[] }
  run(args: readonly string[], io: Io): Promise<number>
}

export interface Called extends Parsed {
  readonly api: Connection
  readonly io: Io
  /** the n-th word, or what is missing */
  word(n: number, what: string): string
  flag(name: string): string | undefined
  need(name: string): string
  file(path: string): Promise<{ name: string; bytes: Buffer }>
  /** as text for people, or the data themselves with --json */
  show(data: unknown, text: () => string): void
}

/** Every verb of the API takes these beside its own. */
const common = ['as', 'server']

/** A verb with sub-verbs, each a call of the API. */
export const apiVerb = (
  name: string,
  help: Verb['help'],
  flags: readonly string[],
  steps: Readonly<Record<string, (called: Called) => Promise<void>>>,
  plain: readonly string[] = [],
): Verb => ({
  name,
  help,
  run: async (args, io) => {
    const parsed = parse(args, [...common, ...flags], ['json', ...plain])
    const alone = steps['']
    const [first = ''] = parsed.words
    const step = alone ?? steps[first]
    if (!step) throw new UsageError(`用法 usage:\n${help.usage.map((line) => `  tongzhou ${line}`).join('\n')}`)
    const words = alone ? parsed.words : parsed.words.slice(1)
    const server = parsed.flags.get('server')
    const as = parsed.flags.get('as')
    const api = await connect(io, { ...(server ? { server } : {}), ...(as ? { as } : {}) })
    try {
      await withProgress(io, '正在处理', () =>
        step({
          words,
          flags: parsed.flags,
          api,
          io,
          word: (n, what) => {
            const word = words[n]
            if (word === undefined)
              throw new UsageError(
                `请写明${what}。用法 usage:\n${help.usage.map((line) => `  tongzhou ${line}`).join('\n')}`,
              )
            return encodeURIComponent(word)
          },
          flag: (flag) => parsed.flags.get(flag),
          need: (flag) => {
            const value = parsed.flags.get(flag)
            if (value === undefined)
              throw new UsageError(
                `请写明 --${flag}。用法 usage:\n${help.usage.map((line) => `  tongzhou ${line}`).join('\n')}`,
              )
            return value
          },
          file: async (path) => {
            try {
              return { name: basename(path), bytes: await readFile(path) }
            } catch {
              throw new UsageError(`打不开文件 ${path}`)
            }
          },
          show: (data, text) => io.out(parsed.flags.has('json') ? JSON.stringify(data, null, 2) : text()),
        }),
      )
      return 0
    } finally {
      await api.close()
    }
  },
})
