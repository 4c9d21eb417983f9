import fc from 'fast-check'
import { expect, test } from 'vitest'
import { day } from '#kernel/days.ts'
import { fen } from '#kernel/money.ts'
import {
  benefitPaid,
  benefitPayable,
  contributionAllocated,
  contributionReceived,
  paymentReturned,
  principalRepaid,
  refund,
  unbalancedFunds,
} from './postings.ts'

const on = day('2026-03-05')
const sum = fc.integer({ min: 1, max: 900_000_000_000 }).map(fen)
const fund = fc.constantFrom('hospital', 'critical', 'women', 'accident', 'allowance')

test('whatever happens to a member’s money, every fund’s books balance by themselves', () => {
  const debt = fc.record({
    coverId: fc.integer({ min: 1, max: 9999 }),
    personId: fc.integer({ min: 1, max: 9999 }),
    dueOn: fc.constant(on),
    amountFen: sum,
  })
  const anyPosting = fc.oneof(
    sum.map((amountFen) => contributionReceived({ reference: 'r', on, amountFen })),
    sum.map((amountFen) => refund({ reference: 'r', on, amountFen })),
    fc
      .tuple(
        fc.array(fc.record({ fund, amountFen: sum }), { minLength: 1, maxLength: 8 }),
        fc.array(debt, { maxLength: 4 }),
      )
      .map(([shares, principal]) => contributionAllocated({ reference: 'r', on, shares, principal })),
    fc
      .tuple(fund, sum)
      .map(([of, amountFen]) => benefitPayable({ reference: 'r', on, fund: of, amountFen, itemId: 7 })),
    fc
      .tuple(fund, sum)
      .map(([of, amountFen]) => paymentReturned({ reference: 'r', on, fund: of, amountFen, itemId: 7 })),
    fc
      .array(fc.record({ itemId: fc.nat(), fund, amountFen: sum }), { minLength: 1, maxLength: 8 })
      .map((items) => benefitPaid({ reference: 'r', on, items })),
    fc.array(debt, { minLength: 1, maxLength: 4 }).map((owed) => principalRepaid({ reference: 'r', on, owed })),
  )
  fc.assert(
    fc.property(anyPosting, (posting) => {
      expect(unbalancedFunds(posting)).toEqual([])
    }),
  )
})

test('a contribution that is given back at the end is a debt to the member, never income', () => {
  const principal = [{ coverId: 5, personId: 9, dueOn: day('2027-03-06'), amountFen: fen(41_000) }]
  const { lines } = contributionAllocated({ reference: 'unit-1', on, shares: [], principal })
  expect(lines.map(({ role, fund: of, amountFen }) => [role, of, amountFen])).toEqual([
    ['unallocated', 'unallocated', 41_000],
    ['moved', 'unallocated', -41_000],
    ['moved', 'principal', 41_000],
    ['principal', 'principal', -41_000],
  ])
})

test('nothing, and less than nothing, is not booked', () => {
  for (const amountFen of [fen(0), fen(-1)])
    expect(() => contributionReceived({ reference: 'r', on, amountFen })).toThrow('more than nothing')
})
