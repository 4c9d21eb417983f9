import { streamXlsxRows } from 'hucre'
import { streamCsvRows } from 'hucre/csv'
import { limits, type SheetKind } from './guard.ts'
import type { Cell, SheetRow } from './index.ts'

const batchSize = 4_000

const cellOf = (value: unknown): Cell => {
  if (value === null || value === undefined) return null
  if (typeof value === 'number') return value
  if (value instanceof Date) return value.toISOString().slice(0, 10)
  // U+0000 is in no text that a person wrote, and no database keeps it.
  const text = String(value).replaceAll('\0', '')
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

async function* cellsOf(
  kind: SheetKind,
  bytes: Uint8Array,
): AsyncGenerator<{ number: number; values: readonly unknown[] }> {
  if (kind === 'xlsx') {
    for await (const row of streamXlsxRows(bytes)) yield { number: row.index + 1, values: row.values }
    return
  }
  const text = decode(bytes)
  if (text === null) throw new RangeError('sheet_encoding_unknown')
  let number = 0
  const firstLine =
    text
      .slice(0, 2_000)
      .split('\n')
      .find((line) => /[,\t;]/.test(line)) ?? ''
  const delimiter = firstLine.includes('\t') ? '\t' : firstLine.includes(',') ? ',' : ';'
  for (const values of streamCsvRows(text, { delimiter })) {
    number += 1
    yield { number, values }
  }
}

const lastFilled = (values: readonly unknown[]): number => {
  let last = values.length
  while (last > 0 && (values[last - 1] === null || values[last - 1] === undefined || values[last - 1] === '')) last -= 1
  return last
}

/** The rows of a sheet in batches, without the empty ones; a RangeError names the refusal. */
export async function* rowsOf(kind: SheetKind, bytes: Uint8Array): AsyncGenerator<SheetRow[]> {
  let batch: SheetRow[] = []
  let count = 0
  for await (const { number, values } of cellsOf(kind, bytes)) {
    if (values.length > limits.columns && lastFilled(values) > limits.columns) throw new RangeError('sheet_too_heavy')
    const cells = values.slice(0, limits.columns).map(cellOf)
    if (cells.every((cell) => cell === null)) continue
    count += 1
    if (count > limits.rows) throw new RangeError('sheet_too_heavy')
    batch.push({ number, cells })
    if (batch.length === batchSize) {
      yield batch
      batch = []
    }
  }
  yield batch
}

/** The code of a refusal that reading ended with; whatever else went wrong, the file is damaged. */
export const refusalOf = (error: unknown): string =>
  error instanceof RangeError && error.message.startsWith('sheet_') ? error.message : 'sheet_damaged'
