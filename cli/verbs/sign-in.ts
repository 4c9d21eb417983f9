import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { type Connection, configuration, connect, currentLogin, forgetToken, saveToken } from '../connection.ts'
import { parse, UsageError } from '../io.ts'
import { apiVerb, usageOf, type Verb } from '../verb.ts'
import { roleWords } from '../words.ts'

/** From the terminal, shown to nobody, else the first line of standard input. */
export const askUnseen = async (prompt: string): Promise<string> => {
  const { isTTY } = process.stdin
  const unseen = new Writable({ write: (_, __, done) => done() })
  const lines = createInterface({ input: process.stdin, ...(isTTY ? { output: unseen, terminal: true } : {}) })
  if (isTTY) process.stderr.write(prompt)
  try {
    for await (const line of lines) return line
    return ''
  } finally {
    lines.close()
    if (isTTY) process.stderr.write('\n')
  }
}

/** Signs in once and keeps the token in a file that only we can read. */
export const signInAs = async (
  api: Connection,
  login: string,
  password: string,
  server?: string,
): Promise<{ name: string; role: string; office: number; newActs?: number }> => {
  const token = (await api.post('/sign-in', { login, password })).json<{
    token: string
    name: string
    role: string
    office: number
    newActs?: number
  }>()
  await saveToken(configuration().dir, login, token, server)
  return token
}

/** A member hears at once that somebody did something for her. */
const tellNew = (newActs: number | undefined): string =>
  newActs ? `\n有 ${newActs} 件别人替您办的事，您还没看过：tongzhou mine acts` : ''

export const signIn: Verb = {
  name: 'sign-in',
  help: {
    zh: '登录；密码在提示后输入，或从标准输入读一行，不写在命令里（命令别人看得到）',
    en: 'sign in; the password is typed at the prompt or read from standard input, never part of the command',
    usage: ['sign-in 用户名', 'sign-in 用户名 < 密码文件'],
  },
  run: async (args, io) => {
    const { words, flags } = parse(args, ['server', 'as'], ['json'])
    const login = words[0] ?? flags.get('as')
    if (!login) throw new UsageError(usageOf(signIn.help))
    const password = await askUnseen('密码 password: ')
    if (password === '') throw new UsageError('没有读到密码：请在提示后输入，或从标准输入给出一行。')
    const server = flags.get('server')
    const api = await connect(io, { open: true, server })
    try {
      const { name, role, office, newActs } = await signInAs(api, login, password, server)
      io.out(
        flags.has('json')
          ? JSON.stringify({ login, name, role, office, newActs })
          : `已登录：${name || login}（${roleWords[role] ?? role}）${tellNew(newActs)}`,
      )
      return 0
    } finally {
      await api.close()
    }
  },
}

export const signOut: Verb = apiVerb('sign-out', { zh: '退出登录', en: 'sign out', usage: ['sign-out'] }, [], {
  '': async ({ api, show, flag }) => {
    await api.post('/sign-out')
    const { dir } = configuration()
    const login = await currentLogin(dir, flag('as'))
    if (login) await forgetToken(dir, login)
    show({ login }, () => `${login} 已退出`)
  },
})

export const whoAmI: Verb = apiVerb(
  'who-am-i',
  {
    zh: '我是谁、什么岗位、哪个办事处、今天是哪天',
    en: 'who is signed in, where, and which day it is',
    usage: ['who-am-i'],
  },
  [],
  {
    '': async ({ api, show }) => {
      const me = (await api.get('/me')).json<{
        name: string
        role: string
        office: number
        today: string
        newActs?: number
      }>()
      show(
        me,
        () =>
          `${me.name || '会员'}  ${roleWords[me.role] ?? me.role}  办事处 ${me.office}  今天 ${me.today}${tellNew(me.newActs)}`,
      )
    },
  },
)
