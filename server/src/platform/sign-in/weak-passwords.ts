import { dictionary } from '@zxcvbn-ts/language-common'

// 49,000 passwords from leaks, most used first (the list of zxcvbn), and what people here choose besides; compared without
// case, and once more with the digits and signs at the end cut off.
const common = new Set<string>(dictionary['passwords-common'] as string[])
for (const word of (
  'woaini woaini1314 wodemima mima mimamima zhongguo beijing shanghai tongzhou huzhu gonghui zhigong huiyuan ' +
  'zhigonghuzhu huzhubaozhang xiaoming administrator dearbook'
).split(' '))
  common.add(word)

/** Too short, one of the common ones, one sign over and over, only digits, or with the name in it. */
export const isWeakPassword = (password: string, login: string): boolean => {
  const lower = password.toLowerCase()
  const bare = lower.replace(/[\d\W_]+$/, '')
  if (password.length < 10 || password.length > 200) return true
  if (/^\d+$/.test(password) || /^(.)\1*$/.test(password)) return true
  return common.has(lower) || common.has(bare) || lower.includes(login.toLowerCase())
}
