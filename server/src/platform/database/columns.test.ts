import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '../../../../test/database.ts'
import { column } from './columns.ts'

let base: TestDatabase
beforeAll(async () => {
  base = await testDatabase()
})
afterAll(() => base.close())

type Row = [number | null, string | null, Buffer | null]
const sent = async (rows: readonly Row[]) => {
  const answer = await base.owner.query<{ a: number; b: string; c: Buffer }>(
    'select * from unnest($1::integer[], $2::text[], $3::bytea[]) as each (a, b, c)',
    [
      column(
        'int4',
        rows.map(([a]) => a),
      ),
      column(
        'text',
        rows.map(([, b]) => b),
      ),
      column(
        'bytea',
        rows.map(([, , c]) => c),
      ),
    ],
  )
  return answer.rows.map(({ a, b, c }) => [a, b, c])
}

test('every type arrives as it was: signs, quotes, rare characters, and nothing at all', async () => {
  const rows: Row[] = [
    [-2_147_483_648, '𠮷田\t"\\N{},\r\n', Buffer.from([0, 255, 10])],
    [2_147_483_647, '', Buffer.alloc(0)],
    [0, 'NULL', Buffer.from('x')],
    [null, null, null],
  ]
  expect(await sent(rows)).toEqual(rows)
})

test('thousands of values grow the buffer; no value is a column too', async () => {
  const many = Array.from({ length: 5_000 }, (_, n): Row => [n, '汉'.repeat(n % 90), Buffer.alloc(n % 70, 7)])
  expect(await sent(many)).toEqual(many)
  expect(await sent([])).toEqual([])
})

test('a value of another type, or a number that is too large, stops before anything is sent', async () => {
  expect(() => column('text', [1])).toThrow('a number in a column of text')
  expect(() => column('bytea', ['x'])).toThrow('a text in a column of bytea')
  expect(() => column('int4', [Buffer.from('x')])).toThrow('bytes in a column of int4')
  expect(() => column('int4', [2 ** 31])).toThrow()
  await expect(base.owner.query('select $1::bytea[]', [column('text', ['x'])])).rejects.toThrow('element type')
})
