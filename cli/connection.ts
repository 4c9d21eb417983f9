import { existsSync } from 'node:fs'
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Configuration, configurationFrom } from '../server/src/configuration.ts'
import type { Running } from '../server/src/running.ts'
import { type Io, RefusedError, UsageError, withProgress } from './io.ts'

export interface Reply {
  readonly bytes: Buffer
  json<T>(): T
}

/** The HTTP API, as a verb uses it: of a running server, or of the same application inside this process. */
export interface Connection {
  get(path: string): Promise<Reply>
  post(path: string, body?: unknown): Promise<Reply>
  upload(path: string, file: { name: string; bytes: Buffer }, fields?: Readonly<Record<string, string>>): Promise<Reply>
  close(): Promise<void>
}

export const configuration = (): Configuration => {
  const found = configurationFrom(process.env)
  if ('length' in found) throw new UsageError(found.join('\n'))
  return found
}

const tokenFile = (dir: string, login: string): string => join(dir, 'tokens', `${login}.json`)

export const saveToken = async (
  dir: string,
  login: string,
  token: { token: string; name: string; role: string },
  server?: string,
): Promise<void> => {
  await mkdir(join(dir, 'tokens'), { recursive: true, mode: 0o700 })
  await writeFile(tokenFile(dir, login), JSON.stringify({ ...token, ...(server ? { server } : {}) }), { mode: 0o600 })
  await chmod(tokenFile(dir, login), 0o600)
  await writeFile(join(dir, 'tokens', 'current'), login, { mode: 0o600 })
}

export const forgetToken = (dir: string, login: string): Promise<void> => rm(tokenFile(dir, login), { force: true })

/** The login that verbs act as: --as, or whoever signed in last. */
export const currentLogin = async (dir: string, as?: string): Promise<string | undefined> =>
  as ?? (await readFile(join(dir, 'tokens', 'current'), 'utf8').catch(() => undefined))

interface Token {
  readonly token: string
  /** the server it was given by, where that was named with --server */
  readonly server?: string
}
const tokenOf = async (dir: string, as?: string): Promise<Token | undefined> => {
  const login = await currentLogin(dir, as)
  if (!login) return undefined
  if (!existsSync(tokenFile(dir, login))) {
    if (as) throw new UsageError(`${as} 还没有登录：tongzhou sign-in ${as}`)
    return undefined
  }
  return JSON.parse(await readFile(tokenFile(dir, login), 'utf8')) as Token
}

/** One request, by node's own client: it is there at once, and a command line starts often. */
const ask = async (
  address: string,
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: Buffer | string,
  patience = 600_000,
): Promise<Raw> => {
  const url = new URL(path, `${address}/`)
  const { request } = url.protocol === 'https:' ? await import('node:https') : await import('node:http')
  return new Promise((done, fail) => {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
    const sent = request(url, { method, headers: { ...headers, ...length }, timeout: patience }, (reply) => {
      const chunks: Buffer[] = []
      reply.on('data', (chunk: Buffer) => chunks.push(chunk))
      reply.on('error', fail)
      reply.on('end', () =>
        done({
          status: reply.statusCode ?? 0,
          bytes: Buffer.concat(chunks),
          type: reply.headers['content-type'] ?? '',
        }),
      )
    })
    sent.on('error', fail)
    sent.on('timeout', () => sent.destroy(new Error('no answer in time')))
    sent.end(body)
  })
}

const answersAt = (address: string): Promise<boolean> =>
  ask(address, 'GET', '/ready', {}, undefined, 2_000).then(
    ({ status }) => status === 200,
    () => false,
  )

/** Where the server of this installation listens, if it does. */
export const runningAddress = async (dir: string): Promise<string | undefined> => {
  const card = await readFile(join(dir, 'server.json'), 'utf8').catch(() => undefined)
  if (!card) return undefined
  const { address } = JSON.parse(card) as { address: string }
  return (await answersAt(address)) ? address : undefined
}

interface Raw {
  readonly status: number
  readonly bytes: Buffer
  readonly type: string
}
type Send = (method: string, path: string, headers: Record<string, string>, body?: Buffer | string) => Promise<Raw>

const overNetwork =
  (address: string): Send =>
  (method, path, headers, body) =>
    ask(address, method, path, headers, body).catch(() => {
      throw new RefusedError({
        code: 'no_answer',
        message: `${address} 没有应答：请确认同舟正在那里运行，再试一次。No answer from ${address}.`,
      })
    })

const inProcess =
  (running: Running): Send =>
  async (method, path, headers, body) => {
    const reply = await running.app.inject({
      method: method as 'GET' | 'POST',
      url: path,
      headers,
      ...(body === undefined ? {} : { payload: body }),
    })
    await running.worker.drain()
    return { status: reply.statusCode, bytes: reply.rawPayload, type: String(reply.headers['content-type'] ?? '') }
  }

/** Opens the API: the server named, else the one running here, else the application started in this process. */
export const connect = async (
  io: Io,
  { server, as, open = false }: { server?: string | undefined; as?: string | undefined; open?: boolean } = {},
): Promise<Connection> => {
  const config = configuration()
  const token = open ? undefined : await tokenOf(config.dir, as)
  if (!token && !open) throw new UsageError('请先登录：tongzhou sign-in 用户名')
  const address = (server ?? token?.server)?.replace(/\/+$/, '') ?? (await runningAddress(config.dir))
  if (address && !/^https?:\/\/./.test(address)) throw new UsageError('--server 写作 https://…')
  let send: Send
  let close = async (): Promise<void> => {}
  if (address) send = overNetwork(address)
  else {
    const running = await withProgress(io, '正在启动', async () => {
      const { makeRunning } = await import('../server/src/running.ts') // nobody who talks to a server waits for it
      return makeRunning(config, (line) => io.err(line))
    })
    send = inProcess(running)
    close = running.stop
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => running.stop().finally(() => process.exit(130)))
  }
  const authorization: Record<string, string> = token ? { authorization: `Bearer ${token.token}` } : {}
  const answer = ({ status, bytes, type }: Raw): Reply => {
    if (status >= 400)
      throw new RefusedError(
        type.includes('json')
          ? (JSON.parse(bytes.toString('utf8')) as Record<string, unknown>)
          : { code: `http_${status}` },
      )
    return { bytes, json: <T>() => JSON.parse(bytes.toString('utf8')) as T }
  }
  return {
    get: async (path) => answer(await send('GET', path, authorization)),
    post: async (path, body = {}) =>
      answer(await send('POST', path, { ...authorization, 'content-type': 'application/json' }, JSON.stringify(body))),
    upload: async (path, file, fields = {}) => {
      const boundary = `tongzhou-${process.pid}-${Date.now()}`
      const parts: Buffer[] = Object.entries(fields).map(([name, value]) =>
        Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`),
      )
      parts.push(
        Buffer.from(
          `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="${encodeURIComponent(file.name)}"\r\ncontent-type: application/octet-stream\r\n\r\n`,
        ),
        file.bytes,
        Buffer.from(`\r\n--${boundary}--\r\n`),
      )
      return answer(
        await send(
          'POST',
          path,
          { ...authorization, 'content-type': `multipart/form-data; boundary=${boundary}` },
          Buffer.concat(parts),
        ),
      )
    },
    close,
  }
}
