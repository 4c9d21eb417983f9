import type { z } from 'zod'

/** How many letters must be changed, added, left out or swapped to make one word the other; more than `most` is only "more". */
const distance = (a: string, b: string, most: number): number => {
  if (Math.abs(a.length - b.length) > most) return most + 1
  let [before, row] = [[] as number[], Array.from({ length: b.length + 1 }, (_, j) => j)]
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      let least = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + same)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, (before[j - 2] ?? 0) + 1)
      next.push(least)
    }
    ;[before, row] = [row, next]
  }
  return row[b.length] ?? 0
}

/** “，你是不是想写 cap？” where one of the known words is close to what was written; else nothing. */
export const didYouMean = (written: string, known: Iterable<string>): string => {
  if (written.length > 60) return ''
  const most = written.length <= 3 ? 1 : written.length <= 6 ? 2 : 3
  let [best, least] = ['', most + 1]
  for (const word of known) {
    const far = distance(written.toLowerCase(), word.toLowerCase(), most)
    if (far < least) [best, least] = [word, far]
  }
  return best === '' || best === written ? '' : `，你是不是想写 ${best}？`
}

interface Definition {
  readonly type: string
  readonly shape?: Readonly<Record<string, z.ZodType>>
  readonly element?: z.ZodType
  readonly valueType?: z.ZodType
  readonly options?: readonly z.ZodType[]
  readonly innerType?: z.ZodType
  readonly in?: z.ZodType
}

/** The keys that the language has at a place: of every form that may stand there. */
export const keysAt = (schema: z.ZodType, path: readonly PropertyKey[]): string[] => {
  let here = opened([schema])
  for (const key of path)
    here = opened(
      here.flatMap(({ shape, element, valueType }) => {
        const own = shape && Object.hasOwn(shape, key) ? shape[String(key)] : undefined
        return [own, element, valueType].filter((each) => each !== undefined)
      }),
    )
  return [...new Set(here.flatMap(({ shape }) => Object.keys(shape ?? {})))]
}

const opened = (schemas: readonly z.ZodType[]): Definition[] =>
  schemas.flatMap((schema) => {
    const definition = schema.def as unknown as Definition
    const inside = definition.options ?? [definition.innerType ?? definition.in].filter((each) => each !== undefined)
    return inside.length > 0 && !definition.shape ? opened(inside) : [definition]
  })
