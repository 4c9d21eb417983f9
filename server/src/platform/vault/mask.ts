const signs = (text: string): string[] =>
  [...new Intl.Segmenter('zh', { granularity: 'grapheme' }).segment(text)].map((s) => s.segment)

/** 张* or 张**: the first sign stays, so that she finds herself and others do not; a single sign is all hidden. */
export const maskName = (name: string): string => {
  const all = signs(name.trim())
  if (all.length <= 1) return all.length === 0 ? '' : '*'
  return `${all[0]}${'*'.repeat(Math.min(all.length - 1, 3))}`
}

/** The last four signs of an account. */
export const maskAccount = (account: string): string => (account.length <= 4 ? '****' : `**** ${account.slice(-4)}`)

/** The first and the last two signs of a paper's number; birth day and sequence stay hidden. */
export const maskPaper = (number: string): string =>
  number.length < 6
    ? '*'.repeat(number.length)
    : `${number.slice(0, 2)}${'*'.repeat(number.length - 4)}${number.slice(-2)}`
