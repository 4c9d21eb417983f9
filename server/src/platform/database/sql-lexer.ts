/**
 * The statements of an SQL file, one by one. Knows quotes, identifiers, comments (nested too), $tag$ bodies and
 * `begin atomic … end` bodies; a semicolon inside any of them ends nothing.
 */
export const statementsOf = (file: string): string[] => {
  const statements: string[] = []
  let start = 0
  let at = 0
  let atomicDepth = 0
  let hasCode = false

  const endOfQuoted = (from: number, quote: string, escapes: boolean): number => {
    for (let i = from; i < file.length; i += 1) {
      if (escapes && file[i] === '\\') i += 1
      else if (file[i] === quote) {
        if (file[i + 1] === quote) i += 1
        else return i + 1
      }
    }
    throw new Error(`a ${quote} is never closed (at character ${from})`)
  }
  const endOfComment = (from: number): number => {
    let depth = 1
    for (let i = from + 2; i < file.length; i += 1) {
      if (file.startsWith('/*', i)) {
        depth += 1
        i += 1
      } else if (file.startsWith('*/', i)) {
        depth -= 1
        i += 1
        if (depth === 0) return i + 1
      }
    }
    throw new Error(`a comment is never closed (at character ${from})`)
  }
  const word = /[a-z_][a-z0-9_$]*/iy
  const tag = /\$([a-z_][a-z0-9_]*)?\$/iy

  while (at < file.length) {
    const c = file[at] ?? ''
    if (c === '-' && file[at + 1] === '-') {
      const end = file.indexOf('\n', at)
      at = end < 0 ? file.length : end + 1
      continue
    }
    if (c === '/' && file[at + 1] === '*') {
      at = endOfComment(at)
      continue
    }
    if (c === ';' && atomicDepth === 0) {
      if (hasCode) statements.push(file.slice(start, at).trim())
      at += 1
      start = at
      hasCode = false
      continue
    }
    if (!/\s/.test(c)) hasCode = true
    if (c === "'" || c === '"') {
      at = endOfQuoted(at + 1, c, false)
      continue
    }
    if (c === '$') {
      tag.lastIndex = at
      const found = tag.exec(file)?.[0]
      if (found) {
        const end = file.indexOf(found, at + found.length)
        if (end < 0) throw new Error(`a ${found} is never closed (at character ${at})`)
        at = end + found.length
        continue
      }
    }
    word.lastIndex = at
    const name = word.exec(file)?.[0]
    if (!name) {
      at += 1
      continue
    }
    at += name.length
    const lower = name.toLowerCase()
    if (lower === 'e' && file[at] === "'") at = endOfQuoted(at + 1, "'", true)
    else if (lower === 'begin' && /^\s+atomic\b/i.test(file.slice(at, at + 40))) atomicDepth = 1
    else if (atomicDepth > 0 && lower === 'case') atomicDepth += 1
    else if (atomicDepth > 0 && lower === 'end') atomicDepth -= 1
  }
  if (hasCode) statements.push(file.slice(start).trim())
  return statements
}
