import { ok, type Refused, type Result, refuse } from './result.ts'

// GB 32100-2015: digits and capitals without I, O, S, V, Z; the last sign makes the weighted sum a multiple of 31.
const alphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY'
const weights = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]

export const creditCodeCheck = (first17: string): string => {
  let sum = 0
  for (let i = 0; i < 17; i += 1) sum += alphabet.indexOf(first17[i] ?? '') * (weights[i] ?? 0)
  return alphabet[(31 - (sum % 31)) % 31] ?? ''
}

/** A unified social credit code (统一社会信用代码) as people type it, normalised; refuses a wrong sign or check sign. */
export const readCreditCode = (given: string): Result<string, Refused> => {
  const code = given.normalize('NFKC').replace(/[\s-]/g, '').toUpperCase()
  const wellFormed = code.length === 18 && [...code].every((sign) => alphabet.includes(sign))
  if (!wellFormed || creditCodeCheck(code.slice(0, 17)) !== code[17])
    return refuse({ code: 'credit_code_wrong', given: given.slice(0, 40) })
  return ok(code)
}
