/**
 * Where a request holds text that no database keeps: the sign of nothing (U+0000), or half a surrogate pair. Gives the path
 * of the first such text, or null. What is nested deeper than anything we ask for counts as such too.
 */
export const unkeepable = (value: unknown, path = '', depth = 0): string | null => {
  if (typeof value === 'string') return /\0|\p{Surrogate}/u.test(value) ? path : null
  if (value === null || typeof value !== 'object' || Buffer.isBuffer(value)) return null
  if (depth > 20) return path
  for (const [key, each] of Object.entries(value)) {
    const at = path ? `${path}.${key}` : key
    const found = /\0|\p{Surrogate}/u.test(key) ? path : unkeepable(each, at, depth + 1)
    if (found !== null) return found
  }
  return null
}
