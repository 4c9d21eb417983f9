import { type CivilDate, isDay } from './days.ts'
import { ok, type Result, refuse } from './result.ts'

/** The papers a roster may carry. A resident's number tells birth day and sex; the others mostly do not. */
export const paperKinds = ['resident', 'foreign_permanent', 'passport', 'hk_macao_permit', 'taiwan_permit'] as const
export type PaperKind = (typeof paperKinds)[number]

export interface Paper {
  readonly kind: PaperKind
  /** normalised: full width to half, without spaces, capitals; this is what is hashed */
  readonly number: string
  readonly sex: 'F' | 'M' | null
  readonly bornOn: CivilDate | null
}

export type PaperRefused = {
  readonly code:
    | 'paper_missing'
    | 'paper_15_digits'
    | 'paper_length'
    | 'paper_sign'
    | 'paper_birth_day'
    | 'paper_region'
    | 'paper_check_digit'
    | 'paper_kind_unknown'
}

// GB 11643-1999: the weighted sum of the first 17 digits, modulo 11, names the last sign.
const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
const checkSigns = '10X98765432'

export const residentCheckSign = (first17: string): string => {
  let sum = 0
  for (let i = 0; i < 17; i += 1) sum += (first17.charCodeAt(i) - 48) * (weights[i] ?? 0)
  return checkSigns[sum % 11] ?? ''
}

// The first two digits of GB/T 2260: provinces, and 81, 82, 83 for residence permits of Hong Kong, Macao and Taiwan people.
const provinces = new Set(
  '11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83 91'.split(
    ' ',
  ),
)
/**
 * Region 99 was never given to any place, so a number that begins with it belongs to nobody. Demonstration and test data
 * use only such numbers; they are taken where `demonstration` is set, and refused everywhere else.
 */
export const demoRegion = '990001'

const normalise = (raw: string): string =>
  raw
    .normalize('NFKC')
    .replace(/[\s\u200b-\u200f\ufeff'`’-]/g, '')
    .toUpperCase()

const statedKinds: Readonly<Record<string, PaperKind>> = {
  居民身份证: 'resident',
  身份证: 'resident',
  港澳台居民居住证: 'resident',
  外国人永久居留身份证: 'foreign_permanent',
  外国人永久居留证: 'foreign_permanent',
  护照: 'passport',
  外国护照: 'passport',
  港澳居民来往内地通行证: 'hk_macao_permit',
  港澳通行证: 'hk_macao_permit',
  回乡证: 'hk_macao_permit',
  台湾居民来往大陆通行证: 'taiwan_permit',
  台胞证: 'taiwan_permit',
}

/** The kind a sheet states in words; undefined where it states none, null where we do not know the word. */
export const paperKindNamed = (words: string): PaperKind | null | undefined => {
  const bare = words.normalize('NFKC').replace(/\s/g, '')
  return bare === '' ? undefined : (statedKinds[bare] ?? null)
}

const digitsOnly = (text: string): boolean => {
  for (let i = 0; i < text.length; i += 1) {
    const c = text.charCodeAt(i)
    if (c < 48 || c > 57) return false
  }
  return text.length > 0
}

/** Reads a paper's number as it stands in a sheet; the kind is recognised by its form where none is stated. */
export const readPaper = (
  raw: string,
  stated?: PaperKind,
  { demonstration = false } = {},
): Result<Paper, PaperRefused> => {
  if (raw.length > 100) return refuse({ code: 'paper_length' })
  const number = normalise(raw)
  if (number === '') return refuse({ code: 'paper_missing' })
  switch (stated ?? kindByForm(number)) {
    case 'resident':
      return readResident(number, 'resident', demonstration)
    case 'foreign_permanent':
      // The card of 2023 has 18 digits beginning with 9; the older one three letters and twelve digits.
      if (number.length === 18) return readResident(number, 'foreign_permanent', demonstration)
      return /^[A-Z]{3}\d{12}$/.test(number)
        ? ok({ kind: 'foreign_permanent', number, sex: null, bornOn: null })
        : refuse({ code: 'paper_length' })
    case 'hk_macao_permit':
      return /^[HM]\d{8}(\d{2})?$/.test(number)
        ? ok({ kind: 'hk_macao_permit', number: number.slice(0, 9), sex: null, bornOn: null })
        : refuse({ code: 'paper_length' })
    case 'taiwan_permit':
      return /^\d{8}(\d{2})?$/.test(number)
        ? ok({ kind: 'taiwan_permit', number: number.slice(0, 8), sex: null, bornOn: null })
        : refuse({ code: 'paper_length' })
    case 'passport':
      return /^[A-Z0-9]{5,12}$/.test(number) && /\d/.test(number)
        ? ok({ kind: 'passport', number, sex: null, bornOn: null })
        : refuse({ code: 'paper_length' })
    default:
      return refuse({ code: digitsOnly(number) || number.length > 15 ? 'paper_length' : 'paper_kind_unknown' })
  }
}

const kindByForm = (number: string): PaperKind | undefined => {
  if (number.length === 18 || number.length === 15 || (number.length === 17 && digitsOnly(number))) {
    if (/^[A-Z]{3}\d{12}$/.test(number)) return 'foreign_permanent'
    return number.length === 18 && number.startsWith('9') && !number.startsWith(demoRegion)
      ? 'foreign_permanent'
      : 'resident'
  }
  if (/^[HM]\d{8}(\d{2})?$/.test(number)) return 'hk_macao_permit'
  if (/^\d{8}$/.test(number)) return 'taiwan_permit'
  if (/^[A-Z][A-Z0-9]{5,11}$/.test(number)) return 'passport'
  return undefined
}

const readResident = (
  number: string,
  kind: 'resident' | 'foreign_permanent',
  demonstration: boolean,
): Result<Paper, PaperRefused> => {
  if (number.length === 15 && digitsOnly(number)) return refuse({ code: 'paper_15_digits' })
  if (number.length !== 18) return refuse({ code: 'paper_length' })
  const last = number[17] ?? ''
  if (!digitsOnly(number.slice(0, 17)) || (last !== 'X' && !digitsOnly(last))) return refuse({ code: 'paper_sign' })
  const demo = number.startsWith(demoRegion)
  if (demo ? !demonstration : kind === 'resident' && !provinces.has(number.slice(0, 2)))
    return refuse({ code: 'paper_region' })
  const bornOn = `${number.slice(6, 10)}-${number.slice(10, 12)}-${number.slice(12, 14)}`
  if (!isDay(bornOn) || bornOn < '1880') return refuse({ code: 'paper_birth_day' })
  if (residentCheckSign(number) !== last) return refuse({ code: 'paper_check_digit' })
  return ok({ kind, number, sex: Number(number[16]) % 2 === 1 ? 'M' : 'F', bornOn })
}
