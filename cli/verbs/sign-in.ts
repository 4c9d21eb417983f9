import { createInterface } from 'node:readline/promises'
import { configuration, connect, currentLogin, forgetToken, saveToken } from '../connection.ts'
import { parse, UsageError } from '../io.ts'
import type { Verb } from '../verb.ts'
import { apiVerb } from '../verb.ts'

const askPassword = async (): Promise<string> => {
  if (!process.stdin.isTTY) {
    const lines = createInterface({ input: process.stdin })
    for await (const line of lines) return line
    return ''
  }
  const prompt = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await prompt.question('密码 password: ')
  prompt.close()
  return answer
}

export const signIn: Verb = {
  name: 'sign-in',
  help: {
    zh: '登录；密码从键盘或标准输入读',
    en: 'sign in; the password is read from the terminal or standard input',
    usage: ['sign-in 用户名 [--password 密码]'],
  },
  run: async (args, io) => {
    const { words, flags } = parse(args, ['password', 'server', 'as'])
    const login = words[0] ?? flags.get('as')
    if (!login) throw new UsageError('用法 usage: tongzhou sign-in 用户名')
    const password = flags.get('password') ?? (await askPassword())
    const server = flags.get('server')
    const api = await connect(io, { open: true, ...(server ? { server } : {}) })
    try {
      const token = (await api.post('/sign-in', { login, password })).json<{
        token: string
        name: string
        role: string
      }>()
      await saveToken(configuration().dir, login, token)
      io.out(`已登录：${token.name || login}（${token.role}）`)
      return 0
    } finally {
      await api.close()
    }
  },
}

export const signOut: Verb = apiVerb('sign-out', { zh: '退出登录', en: 'sign out', usage: ['sign-out'] }, [], {
  '': async ({ api, io, flag }) => {
    await api.post('/sign-out')
    const { dir } = configuration()
    const login = await currentLogin(dir, flag('as'))
    if (login) await forgetToken(dir, login)
    io.out('已退出')
  },
})

export const whoAmI: Verb = apiVerb(
  'who-am-i',
  { zh: '我是谁、什么岗位、哪个办事处', en: 'who is signed in', usage: ['who-am-i'] },
  [],
  {
    '': async ({ api, show }) => {
      const me = (await api.get('/me')).json<{ name: string; role: string; office: number; today: string }>()
      show(me, () => `${me.name || '会员'}  ${me.role}  办事处 ${me.office}  今天 ${me.today}`)
    },
  },
)
