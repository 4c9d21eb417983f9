import { streamCsvRows } from 'hucre/csv'
import type { Refused } from '#kernel/result.ts'
import { limits, type SheetKind } from './guard.ts'
import type { Cell, SheetRow } from './index.ts'
import { xlsxRows } from './xlsx.ts'

const batchSize = 4_000

/** U+0000 is in no text that a person wrote, and no database keeps it. */
const kept = (cell: Cell): Cell => {
  if (typeof cell !== 'string') return cell
  const text = cell.includes('\0') ? cell.replaceAll('\0', '') : cell
  return text.length > limits.cellLength ? text.slice(0, limits.cellLength) : text === '' ? null : text
}

/** UTF-16 where it says so, UTF-8 where the bytes are valid UTF-8, else GB18030, which every GBK and GB2312 file is too. */
const decode = (bytes: Uint8Array): string | null => {
  const wide =
    bytes[0] === 0xff && bytes[1] === 0xfe ? ['utf-16le'] : bytes[0] === 0xfe && bytes[1] === 0xff ? ['utf-16be'] : []
  for (const encoding of [...wide, 'utf-8', 'gb18030']) {
    try {
      return new TextDecoder(encoding, { fatal: true }).decode(bytes)
    } catch {}
  }
  return null
}

const linesIn = (value: unknown): number =>
  typeof value === 'string' && /[\r\n]/.test(value) ? value.split(/\r\n|\r|\n/).length - 1 : 0

/**
 * A quotation mark at the start of a cell holds everything up to the next one, lines and all. One that nothing closes before
 * the end, or that a mark within another cell seems to close, has swallowed rows: it is told by its line, and nothing is read.
 */
const everyQuoteCloses = (text: string, delimiter: string): void => {
  const ends = (sign: string | undefined): boolean =>
    sign === undefined || sign === delimiter || sign === '\n' || sign === '\r'
  for (let open = text.indexOf('"'); open >= 0; ) {
    if (!ends(text[open - 1])) {
      open = text.indexOf('"', open + 1)
      continue
    }
    let close = text.indexOf('"', open + 1)
    while (close >= 0 && text[close + 1] === '"') close = text.indexOf('"', close + 2)
    if (close < 0 || (!ends(text[close + 1]) && linesIn(text.slice(open, close)) > 0))
      throw new RangeError('sheet_quote_open', { cause: { line: linesIn(text.slice(0, open)) + 1 } })
    open = text.indexOf('"', close + 1)
  }
}
/** A row with fewer cells than one above it, one of which holds lines with their separators: two marks too many. */
const swallowsRows = (values: readonly unknown[], most: number, delimiter: string): boolean =>
  values.length < most &&
  values.some((value) => typeof value === 'string' && value.includes(delimiter) && linesIn(value.trim()) > 0)

/** Each line of a text as a row of texts, a list for every few thousand. */
function* textRows(bytes: Uint8Array): Generator<readonly SheetRow[], string[]> {
  const text = decode(bytes)
  if (text === null) throw new RangeError('sheet_encoding_unknown')
  const firstLine =
    text
      .slice(0, 2_000)
      .split('\n')
      .find((line) => /[,\t;]/.test(line)) ?? ''
  const delimiter = firstLine.includes('\t') ? '\t' : firstLine.includes(',') ? ',' : ';'
  everyQuoteCloses(text, delimiter)
  let [number, line, most] = [0, 1, 0]
  let rows: SheetRow[] = []
  for (const values of streamCsvRows(text, { delimiter })) {
    number += 1
    if (swallowsRows(values, most, delimiter)) throw new RangeError('sheet_quote_open', { cause: { line } })
    line += values.reduce((sum: number, value) => sum + linesIn(value), 1)
    most = Math.max(most, values.length)
    if (values.length > limits.columns && values.slice(limits.columns).some((value) => value !== ''))
      throw new RangeError('sheet_too_heavy')
    rows.push({
      number,
      cells: values.slice(0, limits.columns).map((value) => (value === null ? null : String(value))),
    })
    if (rows.length < batchSize) continue
    yield rows
    rows = []
  }
  yield rows
  return []
}

/** The rows of a sheet in batches, without the empty ones, and at the end the sheets not read; a RangeError names the refusal. */
export async function* rowsOf(kind: SheetKind, bytes: Uint8Array): AsyncGenerator<SheetRow[], string[]> {
  let batch: SheetRow[] = []
  let count = 0
  const source = kind === 'xlsx' ? xlsxRows(bytes) : textRows(bytes)
  for (;;) {
    const next = await source.next()
    if (next.done) {
      yield batch
      return next.value
    }
    for (const row of next.value) {
      const cells = row.cells.map(kept)
      if (cells.every((cell) => cell === null)) continue
      count += 1
      if (count > limits.rows) throw new RangeError('sheet_too_heavy')
      batch.push({ number: row.number, cells })
    }
    if (batch.length < batchSize) continue
    yield batch
    batch = []
  }
}

/** The refusal that reading ended with; whatever else went wrong, the file is damaged. */
export const refusalOf = (error: unknown): Refused =>
  error instanceof RangeError && error.message.startsWith('sheet_')
    ? { code: error.message, ...(error.cause as { line: number } | undefined) }
    : { code: 'sheet_damaged' }
