import { Worker } from 'node:worker_threads'
import { writeXlsx as hucreWrite } from 'hucre'
import iconv from 'iconv-lite'
import { ok, type Refused, type Result, refuse } from '#kernel/result.ts'
import { guardSheet } from './guard.ts'
import { refusalOf, rowsOf } from './parse.ts'

/** A cell as it was kept: a text, a number (an ID kept as one has lost its last digits), or nothing. Days are texts. */
export type Cell = string | number | null
export interface SheetRow {
  /** as the sheet counts, from 1 */
  readonly number: number
  readonly cells: readonly Cell[]
}

/**
 * Reads the first sheet of an .xlsx, or a .csv (UTF-8 or GB18030), in a worker thread with limited memory, batch by
 * batch. Empty rows are left out. A file that is no sheet, damaged, or too heavy is refused; nothing else is touched.
 */
export const readSheet = async (
  bytes: Buffer,
  onRows: (rows: readonly SheetRow[]) => void | Promise<void>,
): Promise<Result<{ rows: number }, Refused>> => {
  const kind = guardSheet(bytes)
  if (!kind.ok) return kind
  if (kind.value === 'text' && bytes.length < smallText) return readHere(bytes, onRows)
  const worker = new Worker(new URL('./read-worker.mjs', import.meta.url), {
    workerData: { kind: kind.value, bytes: new Uint8Array(bytes) },
    resourceLimits: { maxOldGenerationSizeMb: 1_500 },
  })
  let count = 0
  let turn: Promise<void> = Promise.resolve()
  try {
    return await new Promise<Result<{ rows: number }, Refused>>((done, fail) => {
      worker.on('message', (message: { rows?: SheetRow[]; end?: boolean; refused?: string }) => {
        turn = turn.then(async () => {
          if (message.refused) return done(refuse({ code: message.refused, limit: '20 万行、100 列' }))
          if (message.rows && message.rows.length > 0) {
            count += message.rows.length
            await onRows(message.rows)
          }
          if (message.end) done(count === 0 ? refuse({ code: 'sheet_empty' }) : ok({ rows: count }))
        })
        turn.catch(fail)
      })
      worker.on('error', (error: NodeJS.ErrnoException) =>
        error.code === 'ERR_WORKER_OUT_OF_MEMORY'
          ? done(refuse({ code: 'sheet_too_heavy', limit: '1.5 GB 内存' }))
          : fail(error),
      )
      worker.on('exit', () => turn.then(() => done(refuse({ code: 'sheet_damaged' })), fail))
    })
  } finally {
    await worker.terminate()
  }
}

/** A small text needs no thread of its own: starting one takes longer than reading it. */
const smallText = 256 * 1024
const readHere = async (
  bytes: Buffer,
  onRows: (rows: readonly SheetRow[]) => void | Promise<void>,
): Promise<Result<{ rows: number }, Refused>> => {
  let count = 0
  const batches = rowsOf('text', bytes)
  for (;;) {
    let next: IteratorResult<SheetRow[]>
    try {
      next = await batches.next()
    } catch (error) {
      return refuse({ code: refusalOf(error), limit: '20 万行、100 列' })
    }
    if (next.done) break
    count += next.value.length
    if (next.value.length > 0) await onRows(next.value)
  }
  return count === 0 ? refuse({ code: 'sheet_empty' }) : ok({ rows: count })
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
