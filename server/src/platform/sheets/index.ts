import { writeXlsx as hucreWrite } from 'hucre'
import iconv from 'iconv-lite'
import { ok, type Refused, type Result, refuse } from '#kernel/result.ts'
import { threads } from '../threads.ts'
import { guardSheet, type SheetKind } from './guard.ts'
import { refusalOf, rowsOf } from './parse.ts'
import { type ReadJob, type ReadSaid, rowWork } from './row-work.ts'

export { lostDigits } from './lost-digits.ts'

/** A cell as it was kept: a text, a number (an ID kept as one has lost its last digits), or nothing. Days are texts. */
export type Cell = string | number | null
export interface SheetRow {
  /** as the sheet counts, from 1 */
  readonly number: number
  readonly cells: readonly Cell[]
}

/** A sheet that was read to its end: how many rows, and which other sheets of the file are shown, hold something and were not read. */
export interface SheetRead {
  readonly rows: number
  readonly otherSheets: readonly string[]
}

/** Work done on the rows in the thread that reads them: a module whose default export makes it from `data`. */
export interface RowWork {
  readonly module: URL
  readonly data: unknown
}
/** Called with each batch, and once at the end with `last`; what it answers goes to the asker. */
export type MakeRowWork<T> = (data: never) => (rows: readonly SheetRow[], last: boolean) => readonly T[]

/**
 * Reads the first sheet of an .xlsx, or a .csv (UTF-8 or GB18030), in a worker thread with limited memory, batch by
 * batch. Empty rows are left out. A file that is no sheet, damaged, or too heavy is refused; nothing else is touched.
 */
export const readSheet = (
  bytes: Buffer,
  onRows: (rows: readonly SheetRow[]) => void | Promise<void>,
): Promise<Result<SheetRead, Refused>> => reading(bytes, null, onRows)

/** Reads a sheet as `readSheet` does, and does `work` on its rows in that thread: only its answers come here. */
export const readSheetWith = <T>(
  bytes: Buffer,
  work: RowWork,
  onAnswer: (answer: T) => void,
): Promise<Result<SheetRead, Refused>> => reading(bytes, work, onAnswer)

const limitText = '20 万行、100 列'
const reading = async <T>(
  bytes: Buffer,
  work: RowWork | null,
  onAnswer: (answer: T) => void | Promise<void>,
): Promise<Result<SheetRead, Refused>> => {
  const kind = await guardSheet(bytes)
  if (!kind.ok) return kind
  // A small text needs no thread of its own.
  return kind.value === 'text' && bytes.length < 256 * 1024
    ? readHere(bytes, work, onAnswer)
    : readInThread(kind.value, bytes, work, onAnswer)
}

const readHere = async <T>(
  bytes: Buffer,
  work: RowWork | null,
  onAnswer: (answer: T) => void | Promise<void>,
): Promise<Result<SheetRead, Refused>> => {
  const each = await rowWork<T>(work)
  let count = 0
  const batches = rowsOf('text', bytes)
  for (;;) {
    let next: IteratorResult<SheetRow[], string[]>
    try {
      next = await batches.next()
    } catch (error) {
      return refuse({ ...refusalOf(error), limit: limitText })
    }
    const rows = next.done ? [] : next.value
    count += rows.length
    for (const answer of each(rows, next.done === true)) await onAnswer(answer)
    if (next.done) return count === 0 ? refuse({ code: 'sheet_empty' }) : ok({ rows: count, otherSheets: next.value })
  }
}

const longestMs = 120_000
const readers = threads(new URL('./read-worker.mjs', import.meta.url), {
  maxOldGenerationSizeMb: 1_500,
  // Rows live until their batch is sent: with the usual 48 MB a third of the reading is copying them out of the way.
  maxYoungGenerationSizeMb: 384,
})

const readInThread = async <T>(
  kind: SheetKind,
  bytes: Buffer,
  work: RowWork | null,
  onAnswer: (answer: T) => void | Promise<void>,
): Promise<Result<SheetRead, Refused>> => {
  const worker = readers.take()
  let rows = 0
  let turn: Promise<void> = Promise.resolve()
  let whole = false
  let timer: NodeJS.Timeout | undefined
  const listeners: (() => void)[] = []
  try {
    return await new Promise<Result<SheetRead, Refused>>((done, fail) => {
      const on = <G>(event: string, listener: (given: G) => void): void => {
        worker.on(event, listener)
        listeners.push(() => worker.off(event, listener))
      }
      on('message', (said: ReadSaid<T>) => {
        turn = turn.then(async () => {
          if ('refused' in said) return done(refuse({ ...said.refused, limit: limitText }))
          rows += said.rows
          for (const answer of said.answers) await onAnswer(answer)
          if (!said.last) return
          whole = true
          done(rows === 0 ? refuse({ code: 'sheet_empty' }) : ok({ rows, otherSheets: said.last }))
        })
        turn.catch(fail)
      })
      on('error', (error: NodeJS.ErrnoException) =>
        error.code === 'ERR_WORKER_OUT_OF_MEMORY'
          ? done(refuse({ code: 'sheet_too_heavy', limit: '1.5 GB 内存' }))
          : fail(error),
      )
      on('exit', () => void turn.then(() => done(refuse({ code: 'sheet_damaged' })), fail))
      timer = setTimeout(() => done(refuse({ code: 'sheet_too_heavy', limit: '2 分钟的读取时间' })), longestMs)
      const copy = new Uint8Array(bytes)
      const job: ReadJob = { kind, bytes: copy, work: work && { module: work.module.href, data: work.data } }
      worker.postMessage(job, [copy.buffer])
    })
  } finally {
    clearTimeout(timer)
    for (const off of listeners) off()
    await readers.giveBack(worker, whole)
  }
}

/** A text that a spreadsheet would take for a formula is kept a text by a leading apostrophe (CSV has no other way). */
export const safeCell = (cell: Cell): Cell =>
  typeof cell === 'string' && /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell

/** An .xlsx of one sheet; every text is stored as a text, so that neither formula nor long number is made of it. */
export const writeXlsx = async (
  rows: readonly (readonly Cell[])[],
  { name = '名单', widths = [] as readonly number[] } = {},
): Promise<Buffer> => {
  const columns = widths.map((width) => ({ width }))
  const bytes = await hucreWrite({
    sheets: [{ name, rows: rows.map((row) => row.map(safeCell)), ...(columns.length > 0 ? { columns } : {}) }],
  })
  return Buffer.from(bytes)
}

/** Comma-separated lines with CRLF; UTF-8 with a byte order mark, or GB18030 for older programs. */
export const writeCsv = (rows: readonly (readonly Cell[])[], encoding: 'utf-8' | 'gb18030' = 'utf-8'): Buffer => {
  const field = (cell: Cell): string => {
    const text = String(safeCell(cell) ?? '')
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  }
  const text = rows.map((row) => `${row.map(field).join(',')}\r\n`).join('')
  return encoding === 'gb18030' ? iconv.encode(text, 'gb18030') : Buffer.from(`\ufeff${text}`, 'utf8')
}
