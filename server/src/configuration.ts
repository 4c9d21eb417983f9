import { isDay } from '#kernel/days.ts'

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
  /** the second step of the sign-in: asked for in production, and in a demonstration only where it is switched on */
  readonly secondStep: 'on' | 'off'
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
  if (demonstration && !['127.0.0.1', '::1', 'localhost'].includes(host))
    wrong.push(
      '示范模式有公开的密码，只能在本机使用：请不要设置 HOST，或设 TONGZHOU_MODE=production。A demonstration listens on this machine only.',
    )
  const pretendToday = env.TONGZHOU_TODAY
  if (pretendToday && !isDay(pretendToday)) wrong.push('TONGZHOU_TODAY 写作 2026-03-01。')
  if (pretendToday && !demonstration) wrong.push('TONGZHOU_TODAY 只能用于示范模式。')
  const secondStep = env.TONGZHOU_SECOND_STEP ?? (demonstration ? 'off' : 'on')
  if (secondStep !== 'on' && secondStep !== 'off') wrong.push('TONGZHOU_SECOND_STEP 应是 on 或 off。')
  if (secondStep === 'off' && !demonstration)
    wrong.push(
      '第二步验证（TONGZHOU_SECOND_STEP）只有示范模式可以关闭。The second step can be off in a demonstration only.',
    )
  if (wrong.length > 0 || (secondStep !== 'on' && secondStep !== 'off')) return wrong
  return {
    dir: env.TONGZHOU_DIR ?? 'var',
    port,
    host,
    databaseUrl: env.DATABASE_URL,
    ownerUrl: env.DATABASE_OWNER_URL,
    demonstration,
    pretendToday,
    secondStep,
  }
}

/** The clock; a pretended day starts at nine in the morning and goes on from there. */
export const clockFrom = (pretendToday: string | undefined): (() => Date) => {
  if (!pretendToday) return () => new Date()
  const shift = new Date(`${pretendToday}T09:00:00+08:00`).getTime() - Date.now()
  return () => new Date(Date.now() + shift)
}
