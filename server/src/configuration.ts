import { readFileSync } from 'node:fs'
import { join } from 'node:path'
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
  if (wrong.length > 0) return wrong
  return {
    dir: env.TONGZHOU_DIR ?? 'var',
    port,
    host,
    databaseUrl: env.DATABASE_URL,
    ownerUrl: env.DATABASE_OWNER_URL,
    demonstration,
    pretendToday,
  }
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
