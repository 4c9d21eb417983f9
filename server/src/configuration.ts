import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDay } from '#kernel/days.ts'
import type { S3Place } from '#platform/files/index.ts'
// Not by the door: behind it stands the database, and each command line reads the settings.
import { type ClamdPlace, clamdPlace } from '#platform/files/scanner.ts'
import type { OidcSettings, SmsPlace } from '#platform/sign-in/index.ts'
import type { TraceSettings } from '#platform/traces/index.ts'

/** How a server is set up; read from the environment once, in main.ts. */
export interface Configuration {
  readonly dir: string
  readonly port: number
  readonly host: string
  readonly databaseUrl: string | undefined
  readonly ownerUrl: string | undefined
  readonly demonstration: boolean
  /** a demonstration may pretend that today is another day */
  readonly pretendToday: string | undefined
  /** a line a request on standard output; in a demonstration only where it is asked for */
  readonly logRequests: boolean
  /** metrics for another machine are given to whoever shows this */
  readonly metricsToken: string | undefined
  /** the second step of the sign-in: asked for in production, and in a demonstration only where it is switched on */
  readonly secondStep: 'on' | 'off'
  /** where ClamAV's daemon listens, which looks at every paper; nobody does where it is not set */
  readonly clamd: ClamdPlace | undefined
  /** the bucket that files lie in; in a folder of this installation where it is not set */
  readonly s3: S3Place | undefined
  /** a body's own sign-in that staff may come from; absent: passwords only */
  readonly oidc: OidcSettings | undefined
  /** an OpenTelemetry collector that is told of requests; nobody is where it is not set */
  readonly traces: TraceSettings | undefined
  /** what sends codes by SMS; where it is not set there are none, but those a demonstration shows on its own screen */
  readonly sms: SmsPlace | undefined
}

/** Every setting there is: one with a slip in its name would otherwise be no setting at all, silently. */
const known = [
  'TONGZHOU_MODE',
  'TONGZHOU_DIR',
  'TONGZHOU_DATA',
  'TONGZHOU_DB_USER',
  'TONGZHOU_TODAY',
  'TONGZHOU_SECOND_STEP',
  'TONGZHOU_LOG',
  'TONGZHOU_METRICS_TOKEN',
  'TONGZHOU_CLAMD',
  'TONGZHOU_S3_URL',
  'TONGZHOU_S3_REGION',
  'TONGZHOU_S3_KEY_ID',
  'TONGZHOU_S3_SECRET',
  'TONGZHOU_OIDC_ISSUER',
  'TONGZHOU_OIDC_CLIENT_ID',
  'TONGZHOU_OIDC_CLIENT_SECRET',
  'TONGZHOU_OIDC_REDIRECT',
  'TONGZHOU_OIDC_SECOND_STEP_ACR',
  'TONGZHOU_SMS_URL',
  'TONGZHOU_SMS_TOKEN',
]

const ownMachine = ['127.0.0.1', '[::1]', '::1', 'localhost']
/** https anywhere, or plain http that never leaves this machine. */
const isGuarded = (said: string): boolean => {
  if (!URL.canParse(said)) return false
  const { protocol, hostname, username, search, hash } = new URL(said)
  const bare = username === '' && search === '' && hash === ''
  return bare && (protocol === 'https:' || (protocol === 'http:' && ownMachine.includes(hostname)))
}
const back = '/sign-in/oidc/back'

/** Single sign-on: set whole or not at all; what is wrong is added to the list. The secret is never repeated. */
const oidcFrom = (
  env: Readonly<Record<string, string | undefined>>,
  { host, port }: { host: string; port: number },
  wrong: string[],
): OidcSettings | undefined => {
  const set = known.filter((name) => name.startsWith('TONGZHOU_OIDC_') && env[name])
  if (set.length === 0) return undefined
  for (const name of ['TONGZHOU_OIDC_ISSUER', 'TONGZHOU_OIDC_CLIENT_ID', 'TONGZHOU_OIDC_CLIENT_SECRET'])
    if (!env[name]) wrong.push(`设了 ${set[0]} 就要同时设 ${name}。${name} is missing.`)
  const issuer = env.TONGZHOU_OIDC_ISSUER ?? ''
  if (issuer && !isGuarded(issuer))
    wrong.push(
      'TONGZHOU_OIDC_ISSUER 应是 https:// 开头的地址，不带问号；只有本机的可以用 http://。It must be an https address.',
    )
  const here = ownMachine.includes(host) && port > 0
  const redirect =
    env.TONGZHOU_OIDC_REDIRECT ?? (here ? `http://${host === '::1' ? '[::1]' : host}:${port}${back}` : '')
  if (!isGuarded(redirect) || new URL(redirect).pathname !== back)
    wrong.push(
      `TONGZHOU_OIDC_REDIRECT 应写作 https://浏览器里看到的地址${back}，与统一身份平台上登记的一样。It must end in ${back}.`,
    )
  return {
    issuer,
    clientId: env.TONGZHOU_OIDC_CLIENT_ID ?? '',
    clientSecret: env.TONGZHOU_OIDC_CLIENT_SECRET ?? '',
    redirect,
    secondStepAcr: env.TONGZHOU_OIDC_SECOND_STEP_ACR || undefined,
  }
}

/** The gateway for codes by SMS: address and token, both or neither. Neither is repeated. */
const smsFrom = (env: Readonly<Record<string, string | undefined>>, wrong: string[]): SmsPlace | undefined => {
  const { TONGZHOU_SMS_URL: url, TONGZHOU_SMS_TOKEN: token } = env
  if (!url && !token) return undefined
  if (!url || !token) {
    wrong.push('TONGZHOU_SMS_URL 和 TONGZHOU_SMS_TOKEN 要一起设。They are set together or not at all.')
    return undefined
  }
  if (!isGuarded(url))
    wrong.push(
      'TONGZHOU_SMS_URL 应是 https:// 开头的地址，不带问号；只有本机的可以用 http://。It must be an https address.',
    )
  return { url, token }
}

/** Reads the settings, and tells everything that is wrong with them at once. */
export const configurationFrom = (
  env: Readonly<Record<string, string | undefined>>,
): Configuration | readonly string[] => {
  const wrong: string[] = []
  const port = Number(env.PORT ?? '8720')
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    wrong.push('PORT 应是 0 至 65535 的整数。PORT must be a port number.')
  const host = env.HOST ?? '127.0.0.1'
  const demonstration = (env.TONGZHOU_MODE ?? 'demonstration') === 'demonstration'
  if (env.TONGZHOU_MODE && !['demonstration', 'production'].includes(env.TONGZHOU_MODE))
    wrong.push('TONGZHOU_MODE 应是 demonstration 或 production。')
  if (demonstration && !ownMachine.includes(host))
    wrong.push(
      '示范模式有公开的密码，只能在本机使用：请不要设置 HOST，或设 TONGZHOU_MODE=production。A demonstration listens on this machine only.',
    )
  const pretendToday = env.TONGZHOU_TODAY
  if (pretendToday && !isDay(pretendToday)) wrong.push('TONGZHOU_TODAY 写作 2026-03-01。')
  if (pretendToday && !demonstration) wrong.push('TONGZHOU_TODAY 只能用于示范模式。')
  const stranger = Object.keys(env).filter((name) => name.startsWith('TONGZHOU_') && !known.includes(name))
  for (const name of stranger) wrong.push(`没有 ${name} 这个设置，可用的有：${known.join('、')}。Unknown setting.`)
  for (const name of ['DATABASE_URL', 'DATABASE_OWNER_URL']) {
    const said = env[name]
    if (said !== undefined && !/^postgres(ql)?:\/\//.test(said))
      wrong.push(`${name} 应写作 postgres://用户:密码@主机/数据库。`) // what was said may hold a password
  }
  if (env.DATABASE_OWNER_URL && !env.DATABASE_URL)
    wrong.push('设了 DATABASE_OWNER_URL 就要同时设 DATABASE_URL。DATABASE_OWNER_URL needs DATABASE_URL.')
  const log = env.TONGZHOU_LOG ?? (demonstration ? 'errors' : 'requests')
  if (!['errors', 'requests'].includes(log)) wrong.push('TONGZHOU_LOG 应是 errors 或 requests。')
  const metricsToken = env.TONGZHOU_METRICS_TOKEN
  if (metricsToken !== undefined && metricsToken.length < 20)
    wrong.push('TONGZHOU_METRICS_TOKEN 至少要有 20 个字符。It needs at least 20 characters.')
  const secondStep = env.TONGZHOU_SECOND_STEP ?? (demonstration ? 'off' : 'on')
  if (secondStep !== 'on' && secondStep !== 'off') wrong.push('TONGZHOU_SECOND_STEP 应是 on 或 off。')
  if (secondStep === 'off' && !demonstration)
    wrong.push(
      '第二步验证（TONGZHOU_SECOND_STEP）只有示范模式可以关闭。The second step can be off in a demonstration only.',
    )
  const clamd = env.TONGZHOU_CLAMD === undefined ? undefined : clamdPlace(env.TONGZHOU_CLAMD)
  if (env.TONGZHOU_CLAMD !== undefined && !clamd)
    wrong.push('TONGZHOU_CLAMD 写作 /run/clamav/clamd.ctl 或 主机:3310。A socket, or host:port.')
  const s3 = s3From(env, wrong)
  const oidc = oidcFrom(env, { host, port }, wrong)
  const traces = tracesFrom(env, wrong)
  const sms = smsFrom(env, wrong)
  if (wrong.length > 0 || (secondStep !== 'on' && secondStep !== 'off')) return wrong
  return {
    dir: env.TONGZHOU_DIR ?? 'var',
    port,
    host,
    databaseUrl: env.DATABASE_URL,
    ownerUrl: env.DATABASE_OWNER_URL,
    demonstration,
    pretendToday,
    logRequests: log === 'requests',
    metricsToken,
    secondStep,
    clamd,
    s3,
    oidc,
    traces,
    sms,
  }
}

/** The bucket for files, by its whole address, with the name of the bucket in it wherever that storage wants it. */
const s3From = (env: Readonly<Record<string, string | undefined>>, wrong: string[]): S3Place | undefined => {
  const [url, keyId, secret] = [env.TONGZHOU_S3_URL, env.TONGZHOU_S3_KEY_ID, env.TONGZHOU_S3_SECRET]
  const named = Object.keys(env).some((name) => name.startsWith('TONGZHOU_S3_') && env[name] !== undefined)
  if (!named) return undefined
  const missing = Object.entries({ TONGZHOU_S3_URL: url, TONGZHOU_S3_KEY_ID: keyId, TONGZHOU_S3_SECRET: secret })
    .filter(([, said]) => !said)
    .map(([name]) => name)
  if (missing.length > 0) wrong.push(`用对象存储还要设 ${missing.join('、')}。The bucket needs these settings too.`)
  const address = url && URL.canParse(url) ? new URL(url) : undefined
  const isBucket =
    address && /^https?:$/.test(address.protocol) && !address.username && !address.search && !address.hash
  // What was said may hold a password, and is not repeated.
  if (url && !isBucket)
    wrong.push(
      'TONGZHOU_S3_URL 应是存储桶的完整网址，例如 https://桶名.oss-cn-hangzhou.aliyuncs.com 或 https://minio.example:9000/桶名，不带口令和问号。The whole address of a bucket.',
    )
  if (!url || !keyId || !secret || !isBucket) return undefined
  return { url, keyId, secret, region: env.TONGZHOU_S3_REGION ?? 'us-east-1' }
}

/** Traces go by the names that OpenTelemetry itself gives its settings; the headers for a collector are read by its exporter. */
const tracesFrom = (env: Readonly<Record<string, string | undefined>>, wrong: string[]): TraceSettings | undefined => {
  const endpoint = env.OTEL_EXPORTER_OTLP_ENDPOINT
  if (!endpoint) return undefined
  const address = URL.canParse(endpoint) ? new URL(endpoint) : undefined
  const isCollector =
    address && /^https?:$/.test(address.protocol) && !address.username && !address.search && !address.hash
  if (!isCollector)
    wrong.push(
      'OTEL_EXPORTER_OTLP_ENDPOINT 应是收集器的网址，例如 http://127.0.0.1:4318，不带口令和问号。The address of a collector.',
    )
  if (env.OTEL_EXPORTER_OTLP_PROTOCOL === 'grpc')
    wrong.push('OTEL_EXPORTER_OTLP_PROTOCOL 不能是 grpc：请写 http/json，端口一般是 4318。Traces are sent over HTTP.')
  return { endpoint, serviceName: env.OTEL_SERVICE_NAME || 'tongzhou' }
}

const setDayFile = (dir: string): string => join(dir, 'demonstration-day')

/** A pretended day starts at nine in the morning and goes on from there. */
const shiftTo = (pretended: string): number => new Date(`${pretended}T09:00:00+08:00`).getTime() - Date.now()

/** What `tongzhou demo today` leaves for a server that may be running: the file, and how far its clock is from the real one. */
export const demonstrationDay = (dir: string, pretended: string): { readonly file: string; readonly text: string } => ({
  file: setDayFile(dir),
  text: String(shiftTo(pretended)),
})

/** The clock. Only a demonstration may pretend another day: by TONGZHOU_TODAY, or set while it runs. */
export const clockFrom = ({
  pretendToday,
  demonstration,
  dir,
}: Pick<Configuration, 'pretendToday' | 'demonstration' | 'dir'>): (() => Date) => {
  if (!demonstration) return () => new Date()
  if (pretendToday) {
    const shift = shiftTo(pretendToday)
    return () => new Date(Date.now() + shift)
  }
  const file = setDayFile(dir)
  return () => {
    try {
      return new Date(Date.now() + Number(readFileSync(file, 'utf8')))
    } catch {
      return new Date() // no day was set: it is today
    }
  }
}
