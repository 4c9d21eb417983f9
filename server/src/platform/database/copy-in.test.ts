import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '../../../../test/database.ts'
import { type CopyColumn, type CopyType, copyIn } from './copy-in.ts'

type Value = CopyColumn['values'][number]

let base: TestDatabase
beforeAll(async () => {
  base = await testDatabase()
  await base.owner.query('create table public.copied (a int4, b int8, c text, d bytea, e date)')
})
afterAll(() => base.close())

const types: Readonly<Record<string, CopyType>> = { a: 'int4', b: 'int8', c: 'text', d: 'bytea', e: 'date' }
const columnsOf = (rows: readonly (readonly Value[])[]): Record<string, CopyColumn> =>
  Object.fromEntries(
    Object.entries(types).map(([name, type], i) => [name, { type, values: rows.map((row) => row[i] ?? null) }]),
  )
const copied = async (columns: Readonly<Record<string, CopyColumn>>) => {
  const client = await base.owner.connect()
  try {
    await client.query('truncate public.copied')
    await copyIn(client, 'public.copied', columns)
    const answer = await client.query(
      `select a, b::text, c, encode(d, 'hex') as d, e::text from public.copied order by a nulls last`,
    )
    return answer.rows
  } finally {
    client.release()
  }
}

test('every type arrives as it was: signs, quotes, rare characters, days before 2000, and nothing at all', async () => {
  const rows: Value[][] = [
    [-2_147_483_648, -9_007_199_254_740_991, '𠮷田\t"\\N\r\n', Buffer.from([0, 255, 10]), '1912-02-29'],
    [1, 4_294_967_296, '', Buffer.alloc(0), '2000-01-01'],
    [2_147_483_647, 9_007_199_254_740_991, '\\.', Buffer.from('x'), '2099-12-31'],
    [null, null, null, null, null],
  ]
  expect(await copied(columnsOf(rows))).toEqual(
    rows.map(([a, b, c, d, e]) => ({
      a,
      b: b === null ? null : String(b),
      c,
      d: d === null ? null : Buffer.from(d as Uint8Array).toString('hex'),
      e,
    })),
  )
})

test('thousands of rows grow the buffer, and no row is a whole answer too', async () => {
  const many = Array.from({ length: 5_000 }, (_, n): Value[] => [n, n, '汉'.repeat(n % 90), Buffer.alloc(60), null])
  expect(await copied(columnsOf(many))).toHaveLength(5_000)
  expect(await copied(columnsOf([]))).toEqual([])
})

test('columns of two lengths, or a whole number that is none, stops before anything is sent', async () => {
  await expect(copied({ a: { type: 'int4', values: [1, 2] }, b: { type: 'int8', values: [1] } })).rejects.toThrow(
    'of one length',
  )
  await expect(copied(columnsOf([[1, 2 ** 53, 'x', null, null]]))).rejects.toThrow('safe whole number')
  expect(await copied(columnsOf([]))).toEqual([])
})
