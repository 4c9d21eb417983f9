// The beginnings of lists of leaked passwords, and what people here choose; compared without case, digits at the end cut.
const common = new Set(
  (
    'password passw0rd admin administrator qwerty qwertyuiop asdfghjkl zxcvbnm iloveyou welcome letmein monkey dragon abc abcd ' +
    'abcdef abcdefg abc123 a123456 woaini woaini1314 wang li zhang zhongguo china beijing shanghai tongzhou huzhu gonghui ' +
    'zhigong huiyuan test guest root user login master hello superman princess football baseball shadow sunshine 1qaz2wsx ' +
    '1q2w3e4r qazwsx q1w2e3r4 aa a1b2c3 a1b2c3d4 wodemima mima mimamima dearbook xiaoming'
  ).split(' '),
)

/** Too short, one of the common ones, one sign over and over, a run of the keyboard or of digits, or the name itself. */
export const isWeakPassword = (password: string, login: string): boolean => {
  const lower = password.toLowerCase()
  const bare = lower.replace(/[\d\W_]+$/, '')
  if (password.length < 10 || password.length > 200) return true
  if (/^\d+$/.test(password) || /^(.)\1*$/.test(password)) return true
  return common.has(lower) || common.has(bare) || lower.includes(login.toLowerCase())
}
