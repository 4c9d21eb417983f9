import { readFileSync } from 'node:fs'
import { access, constants, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { memberNumberForm, memberNumberSays } from '#contract/member-number.ts'
import { type Connection, configuration, connect } from './connection.ts'
import { type Io, type Parsed, parse, UsageError, withProgress } from './io.ts'

export interface Verb {
  readonly name: string
  readonly help: { readonly zh: string; readonly en: string; readonly usage: readonly string[] }
  run(args: readonly string[], io: Io): Promise<number>
}

/** What a verb printed the number of, so that the next one may say `last` for it. */
export type Remembered =
  | 'unit'
  | 'member'
  | 'roster'
  | 'hand-in'
  | 'head-count'
  | 'claim'
  | 'item'
  | 'batch'
  | 'due'
  | 'list'

export interface Called extends Parsed {
  readonly api: Connection
  readonly io: Io
  /** the n-th word, or what is missing */
  word(n: number, what: string): string
  /** the n-th word as a number that was printed; `last` is the one printed last */
  id(n: number, what: string, kind: Remembered): string
  /** a flag's value, where `last` may stand too */
  known(flag: string, kind: Remembered): string | undefined
  /** a unit by its number or its name */
  unit(n: number): Promise<number>
  remember(kind: Remembered, id: number | string | undefined): void
  flag(name: string): string | undefined
  need(name: string): string
  file(path: string): Promise<{ name: string; bytes: Buffer }>
  /** asks whether a file can be written, before something is done that cannot be taken back */
  writable(path: string): Promise<void>
  /** writes a file that only we can read */
  save(path: string, bytes: Buffer | string): Promise<void>
  /** as text for people, or the data themselves with --json */
  show(data: unknown, text: () => string): void
}

/** Every verb of the API takes these beside its own. */
const common = ['as', 'server']

export const usageOf = (help: Verb['help']): string =>
  `用法 usage:\n${help.usage.map((line) => `  tongzhou ${line}`).join('\n')}`

/** How many words a verb takes at most by its usage; a flag's value is none of them. */
const mostWords = (lines: readonly string[], before: number): number => {
  const isFlag = (token: string | undefined): boolean => /^\[?-/.test(token ?? '')
  const counts = lines.map((line) => {
    const tokens = line.replace(/（.*$/, '').split(/\s+/).slice(before)
    return tokens.filter((token, i) => token && !isFlag(token) && !isFlag(tokens[i - 1])).length
  })
  return counts.length > 0 ? Math.max(...counts) : Number.POSITIVE_INFINITY
}

const cannotWrite = (path: string) => new UsageError(`写不了文件 ${path}：请确认文件夹存在、可以写入。`)
const requireWritable = async (path: string): Promise<void> => {
  const there = await stat(path).catch(() => null)
  if (there?.isDirectory()) throw cannotWrite(path)
  await access(there ? path : dirname(resolve(path)), constants.W_OK).catch(() => {
    throw cannotWrite(path)
  })
}

const lastFile = (dir: string): string => join(dir, 'last.json')
export const remembered = (dir: string): Partial<Record<Remembered, string>> => {
  try {
    return JSON.parse(readFileSync(lastFile(dir), 'utf8'))
  } catch {
    return {} // nothing was printed yet
  }
}

const rowsOnPage = 200
/** Every row of a list that comes in pages, newest first. */
export const allRows = async <Row extends { readonly id: number }>(api: Connection, path: string): Promise<Row[]> => {
  const rows: Row[] = []
  for (;;) {
    const last = rows.at(-1)
    const from = last ? `&after=${last.id}` : ''
    const page = (await api.get(`${path}${path.includes('?') ? '&' : '?'}limit=${rowsOnPage}${from}`)).json<Row[]>()
    rows.push(...page)
    if (page.length < rowsOnPage) return rows
  }
}

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
    if (!step) throw new UsageError(`${first ? `没有“${name} ${first}”。` : ''}${usageOf(help)}`)
    const words = alone ? parsed.words : parsed.words.slice(1)
    // A person who mistyped one step is shown that step, not the whole verb.
    const lines = help.usage.filter((line) => alone || line.split(/[ （]/)[1] === first)
    const missing = (what: string) => new UsageError(`请写明${what}。${usageOf({ ...help, usage: lines })}`)
    const extra = words.slice(mostWords(lines, alone ? 1 : 2))
    if (extra.length > 0)
      throw new UsageError(`多出了“${extra.join(' ')}”，没有办理。${usageOf({ ...help, usage: lines })}`)
    const { dir } = configuration()
    const last = { ...remembered(dir) }
    const lastOf = (kind: Remembered, what: string): string => {
      const id = last[kind]
      if (id === undefined) throw new UsageError(`还没有“上一个”${what}，请写明编号。`)
      return encodeURIComponent(id)
    }
    const word = (n: number, what: string): string => {
      const found = words[n]
      if (found === undefined) throw missing(what)
      return encodeURIComponent(found)
    }
    const api = await connect(io, { server: parsed.flags.get('server'), as: parsed.flags.get('as') })
    try {
      await withProgress(io, '正在处理', () =>
        step({
          words,
          flags: parsed.flags,
          api,
          io,
          word,
          id: (n, what, kind) => {
            const given = word(n, what)
            if (given === 'last') return lastOf(kind, what)
            // Asked before it goes into an address: an ID number typed here must not leave this machine.
            if (kind === 'member' && !memberNumberForm.test(given)) throw new UsageError(memberNumberSays)
            return given
          },
          known: (flag, kind) => {
            const given = parsed.flags.get(flag)
            return given === 'last' ? lastOf(kind, flag) : given
          },
          unit: async (n) => {
            const given = decodeURIComponent(word(n, '单位'))
            if (given === 'last') return Number(lastOf('unit', '单位'))
            if (/^\d+$/.test(given)) return Number(given)
            const units = (await api.get('/units')).json<{ id: number; name: string }[]>()
            const found = units.find((each) => each.name === given)
            if (!found) throw new UsageError(`没有叫“${given}”的单位：tongzhou units list`)
            return found.id
          },
          remember: (kind, id) => {
            if (id !== undefined) last[kind] = String(id)
          },
          flag: (flag) => parsed.flags.get(flag),
          need: (flag) => {
            const value = parsed.flags.get(flag)
            if (value === undefined) throw missing(` --${flag}`)
            return value
          },
          file: async (path) => {
            try {
              return { name: basename(path), bytes: await readFile(path) }
            } catch {
              throw new UsageError(`打不开文件 ${path}`)
            }
          },
          writable: requireWritable,
          save: async (path, bytes) => {
            await writeFile(path, bytes, { mode: 0o600 }).catch(() => {
              throw cannotWrite(path)
            })
          },
          show: (data, text) => io.out(parsed.flags.has('json') ? JSON.stringify(data, null, 2) : text()),
        }),
      )
      await mkdir(dir, { recursive: true, mode: 0o700 })
      await writeFile(lastFile(dir), JSON.stringify(last), { mode: 0o600 })
      return 0
    } finally {
      await api.close()
    }
  },
})
