import { assert } from './assert.ts'

declare const kind: unique symbol
/** 分. Money inside the system is whole fen; yuan exists only on screens and paper. */
export type Fen = number & { readonly [kind]: 'fen' }
/** A rate in hundredths of a percent: 7,000 is 70 %. */
export type BasisPoints = number & { readonly [kind]: 'basis-points' }

/** The largest sum that one receipt, allocation or payment can be: 9,000,000,000.00 yuan. Books of ten thousand such still add up exactly. */
export const largestFen = 900_000_000_000

export const fen = (n: number): Fen => {
  assert(Number.isSafeInteger(n), `money is whole fen, got ${n}`)
  return n as Fen
}

export const basisPoints = (n: number): BasisPoints => {
  assert(Number.isSafeInteger(n) && n >= 0 && n <= 10_000, `a rate is 0 to 10,000 basis points, got ${n}`)
  return n as BasisPoints
}

/** The part of a sum that a rate gives. The caller names the rounding, because the clause does. */
export const portion = (of: Fen, rate: BasisPoints, rounding: 'down' | 'half-up'): Fen => {
  assert(of >= 0 && of <= largestFen && rate >= 0 && rate <= 10_000, 'exact in a number')
  return fen(Math.floor((of * rate + (rounding === 'half-up' ? 5_000 : 0)) / 10_000))
}

export const sumFen = (amounts: Iterable<number>): Fen => {
  let total = 0
  for (const amount of amounts) total += amount
  return fen(total)
}

/** Shares of a sum by weight (largest remainder, earlier shares first on a tie): they always add up to the whole. */
export const splitFen = (whole: Fen, weights: readonly number[]): Fen[] => {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  assert(whole >= 0 && total > 0 && weights.every((weight) => Number.isSafeInteger(weight) && weight >= 0))
  const exact = weights.map((weight) => {
    const product = BigInt(whole) * BigInt(weight)
    return { floor: Number(product / BigInt(total)), rest: product % BigInt(total) }
  })
  let left = whole - exact.reduce((sum, share) => sum + share.floor, 0)
  const byRest = exact.map((share, index) => ({ index, rest: share.rest }))
  byRest.sort((a, b) => (a.rest === b.rest ? a.index - b.index : a.rest > b.rest ? -1 : 1))
  const extra = new Set<number>()
  for (const { index } of byRest) {
    if (left === 0) break
    extra.add(index)
    left -= 1
  }
  return exact.map((share, index) => fen(share.floor + (extra.has(index) ? 1 : 0)))
}

/** ¥ for people: 1234567 fen is '12,345.67'. */
export const yuan = (amount: number): string => {
  const sign = amount < 0 ? '-' : ''
  const whole = Math.abs(amount)
  const cents = String(whole % 100).padStart(2, '0')
  return `${sign}${Math.floor(whole / 100).toLocaleString('en-US')}.${cents}`
}

/** Yuan as people and files write them ('1,312.10', '1312.1', '1312') to fen; null where it is not an amount to the fen. */
export const parseYuan = (text: string): Fen | null => {
  const match = /^(-?)(\d{1,3}(?:,\d{3})+|\d{1,13})(?:\.(\d{1,2}))?$/.exec(text.trim().replace(/^[¥￥]/, ''))
  if (!match) return null
  const amount = Number((match[2] ?? '').replaceAll(',', '')) * 100 + Number((match[3] ?? '').padEnd(2, '0'))
  if (!Number.isSafeInteger(amount)) return null
  return fen(match[1] ? -amount : amount)
}
