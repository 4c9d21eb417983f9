import pg from 'pg'

const { types } = pg
const asIs = (text: string): string => text

/** bigint columns hold ids and fen, all below 2⁵³; anything larger is a defect and must not be rounded silently. */
const safeInteger = (text: string): number => {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new Error(`a bigint of the database is beyond 2^53: ${text}`)
  return value
}

const arrayOf = <T>(parse: (text: string) => T) => {
  const textArray = types.getTypeParser(1009 as never, 'text') as (text: string) => string[]
  return (text: string): T[] => textArray(text).map(parse)
}

/**
 * Days stay text: pg would otherwise make local midnights of them, and in Shanghai `1988-07-01` leaves as 30 June
 * 15:00Z (summer time, 1986 to 1991). int8 is a safe number, numeric stays text.
 */
export const valueTypes = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') => {
    switch (oid) {
      case types.builtins.DATE:
      case types.builtins.NUMERIC:
        return asIs
      case types.builtins.INT8:
        return safeInteger
      case 1182: // date[]
      case 1231: // numeric[]
        return arrayOf(asIs)
      case 1016: // int8[]
        return arrayOf(safeInteger)
      default:
        return types.getTypeParser(oid, format as 'text')
    }
  }) as typeof types.getTypeParser,
}
