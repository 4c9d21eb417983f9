import { streamCsvRows } from 'hucre/csv'
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

/** Each line of a text as a row of texts, a list for every few thousand. */
function* textRows(bytes: Uint8Array): Generator<readonly SheetRow[]> {
  const text = decode(bytes)
  if (text === null) throw new RangeError('sheet_encoding_unknown')
  const firstLine =
    text
      .slice(0, 2_000)
      .split('\n')
      .find((line) => /[,\t;]/.test(line)) ?? ''
  const delimiter = firstLine.includes('\t') ? '\t' : firstLine.includes(',') ? ',' : ';'
  let number = 0
  let rows: SheetRow[] = []
  for (const values of streamCsvRows(text, { delimiter })) {
    number += 1
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
}

/** The rows of a sheet in batches, without the empty ones; a RangeError names the refusal. */
export async function* rowsOf(kind: SheetKind, bytes: Uint8Array): AsyncGenerator<SheetRow[]> {
  let batch: SheetRow[] = []
  let count = 0
  for await (const rows of kind === 'xlsx' ? xlsxRows(bytes) : textRows(bytes)) {
    for (const row of rows) {
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
  yield batch
}

/** The code of a refusal that reading ended with; whatever else went wrong, the file is damaged. */
export const refusalOf = (error: unknown): string =>
  error instanceof RangeError && error.message.startsWith('sheet_') ? error.message : 'sheet_damaged'
