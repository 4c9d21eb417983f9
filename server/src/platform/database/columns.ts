import { assert } from '#kernel/assert.ts'

const oids = { int4: 23, text: 25, bytea: 17 } as const

/**
 * A column of thousands of values as one parameter: an array in PostgreSQL's binary form, with nothing to quote, and ciphertext
 * not written out as digits. In SQL it is cast, `$1::bytea[]`, and unnested beside others.
 */
export const column = (type: keyof typeof oids, values: readonly (string | number | Uint8Array | null)[]): Buffer => {
  let bytes = Buffer.allocUnsafe(20 + values.length * 24)
  let at = 20
  let hasNull = 0
  const room = (wanted: number): void => {
    if (at + wanted <= bytes.length) return
    const larger = Buffer.allocUnsafe(Math.max(bytes.length * 2, at + wanted))
    bytes.copy(larger, 0, 0, at)
    bytes = larger
  }
  for (const value of values) {
    if (value === null) {
      hasNull = 1
      room(4)
      at = bytes.writeInt32BE(-1, at)
    } else if (typeof value === 'number') {
      assert(type === 'int4', `a number in a column of ${type}`)
      room(8)
      at = bytes.writeInt32BE(4, at)
      at = bytes.writeInt32BE(value, at)
    } else if (typeof value === 'string') {
      assert(type === 'text', `a text in a column of ${type}`)
      room(4 + value.length * 3)
      const length = bytes.write(value, at + 4, 'utf8')
      bytes.writeInt32BE(length, at)
      at += 4 + length
    } else {
      assert(type === 'bytea', `bytes in a column of ${type}`)
      room(4 + value.length)
      at = bytes.writeInt32BE(value.length, at)
      bytes.set(value, at)
      at += value.length
    }
  }
  // One dimension, counted from 1; none where there is nothing.
  const head = values.length === 0 ? [0, 0, oids[type]] : [1, hasNull, oids[type], values.length, 1]
  for (const [i, word] of head.entries()) bytes.writeInt32BE(word, i * 4)
  return bytes.subarray(0, values.length === 0 ? 12 : at)
}
