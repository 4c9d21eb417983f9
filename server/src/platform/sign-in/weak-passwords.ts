let common: Promise<ReadonlySet<string>> | undefined

// 49,000 passwords from leaks, most used first (the list of zxcvbn), and what people here choose besides; compared without
// case, and once more with the digits and signs at the end cut off. Unpacked when the first password is set, not at each start.
const commonPasswords = async (): Promise<ReadonlySet<string>> => {
  const { dictionary } = await import('@zxcvbn-ts/language-common')
  const chosenHere =
    'woaini woaini1314 wodemima mima mimamima zhongguo beijing shanghai tongzhou huzhu gonghui zhigong huiyuan ' +
    'zhigonghuzhu huzhubaozhang xiaoming administrator dearbook'
  return new Set([...(dictionary['passwords-common'] as string[]), ...chosenHere.split(' ')])
}

/** Too short, one of the common ones, one sign over and over, only digits, or with the name in it. */
export const isWeakPassword = async (password: string, login: string): Promise<boolean> => {
  const lower = password.toLowerCase()
  const bare = lower.replace(/[\d\W_]+$/, '')
  if (password.length < 10 || password.length > 200) return true
  if (/^\d+$/.test(password) || /^(.)\1*$/.test(password)) return true
  if (lower.includes(login.toLowerCase())) return true
  common ??= commonPasswords()
  const known = await common
  return known.has(lower) || known.has(bare)
}
