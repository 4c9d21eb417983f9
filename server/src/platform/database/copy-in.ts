import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { assert } from '#kernel/assert.ts'
import { type CivilDate, day, daysBetween } from '#kernel/days.ts'

/** What a column of a COPY holds; the types must be those of the table. */
export type CopyType = 'int4' | 'int8' | 'text' | 'bytea' | 'date'
export interface CopyColumn {
  readonly type: CopyType
  readonly values: readonly (string | number | Uint8Array | null)[]
}

// "PGCOPY\n\xff\r\n\0", no flags, no extension; each row a count of fields, each field its length and bytes; a row of -1 ends it.
const head = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)])
const epoch = day('2000-01-01')

/** Columns of one length by COPY in its binary form: nothing to quote, and ciphertext is not written out as digits. */
export const copyIn = async (
  client: pg.ClientBase,
  table: string,
  columns: Readonly<Record<string, CopyColumn>>,
): Promise<void> => {
  // Made whole before COPY begins: what cannot be written must not leave the connection waiting for its end.
  const bytes = copyBytes(Object.values(columns))
  const stream = client.query(copyFrom(`copy ${table} (${Object.keys(columns).join(', ')}) from stdin (format binary)`))
  await pipeline(Readable.from([bytes]), stream)
}

export const copyBytes = (columns: readonly CopyColumn[]): Buffer => {
  const count = columns[0]?.values.length ?? 0
  assert(
    columns.every(({ values }) => values.length === count),
    'the columns of a COPY are of one length',
  )
  let bytes = Buffer.allocUnsafe(64 * 1024)
  let at = head.copy(bytes)
  const room = (wanted: number): void => {
    if (at + wanted <= bytes.length) return
    const larger = Buffer.allocUnsafe(Math.max(bytes.length * 2, at + wanted))
    bytes.copy(larger, 0, 0, at)
    bytes = larger
  }
  const days = new Map<string, number>()
  for (let row = 0; row < count; row += 1) {
    room(2)
    at = bytes.writeInt16BE(columns.length, at)
    for (const { type, values } of columns) {
      const value = values[row] ?? null
      if (value === null) {
        room(4)
        at = bytes.writeInt32BE(-1, at)
        continue
      }
      switch (type) {
        case 'int4':
          room(8)
          at = bytes.writeInt32BE(4, at)
          at = bytes.writeInt32BE(value as number, at)
          break
        case 'int8':
          assert(Number.isSafeInteger(value), 'an int8 of ours is a safe whole number')
          room(12)
          at = bytes.writeInt32BE(8, at)
          at = bytes.writeBigInt64BE(BigInt(value as number), at)
          break
        case 'date': {
          let since = days.get(value as string)
          if (since === undefined) {
            since = daysBetween(epoch, value as CivilDate)
            days.set(value as string, since)
          }
          room(8)
          at = bytes.writeInt32BE(4, at)
          at = bytes.writeInt32BE(since, at)
          break
        }
        case 'text': {
          const text = value as string
          room(4 + text.length * 3)
          const length = bytes.write(text, at + 4, 'utf8')
          bytes.writeInt32BE(length, at)
          at += 4 + length
          break
        }
        default: {
          const piece = value as Uint8Array
          room(4 + piece.length)
          at = bytes.writeInt32BE(piece.length, at)
          bytes.set(piece, at)
          at += piece.length
        }
      }
    }
  }
  room(2)
  at = bytes.writeInt16BE(-1, at)
  return bytes.subarray(0, at)
}
