import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { roleWords } from '#contract/role-words.ts'
import { type Connection, configuration, connect, currentLogin, forgetToken, saveToken } from '../connection.ts'
import { parse, UsageError } from '../io.ts'
import { apiVerb, usageOf, type Verb } from '../verb.ts'

/**
 * From the terminal, shown to nobody, else the first lines of standard input: what must not be in a command, where others on
 * this machine could read it. An answer for each prompt; whoever gives none is told how.
 */
export const askUnseen = async <Prompts extends readonly string[]>(
  ...prompts: Prompts
): Promise<{ [Each in keyof Prompts]: string }> => {
  const { isTTY } = process.stdin
  const unseen = new Writable({ write: (_, __, done) => done() })
  const reader = createInterface({ input: process.stdin, ...(isTTY ? { output: unseen, terminal: true } : {}) })
  const lines = reader[Symbol.asyncIterator]()
  const answers: string[] = []
  try {
    for (const prompt of prompts) {
      if (isTTY) process.stderr.write(`${prompt}: `)
      const line = await lines.next()
      if (isTTY) process.stderr.write('\n')
      if (line.done || line.value === '')
        throw new UsageError(`没有读到“${prompt}”：请在提示后输入，或从标准输入给出，一行一项。`)
      answers.push(line.value)
    }
    return answers as { [Each in keyof Prompts]: string }
  } finally {
    reader.close()
  }
}

const roleName = (role: string): string => roleWords[role as keyof typeof roleWords] ?? role

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
    const [password] = await askUnseen('密码 password')
    const server = flags.get('server')
    const api = await connect(io, { open: true, server })
    try {
      const { name, role, office, newActs } = await signInAs(api, login, password, server)
      io.out(
        flags.has('json')
          ? JSON.stringify({ login, name, role, office, newActs })
          : `已登录：${name || login}（${roleName(role)}）${tellNew(newActs)}`,
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
        () => `${me.name || '会员'}  ${roleName(me.role)}  办事处 ${me.office}  今天 ${me.today}${tellNew(me.newActs)}`,
      )
    },
  },
)
