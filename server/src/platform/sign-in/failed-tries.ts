const most = 8
const windowMs = 10 * 60_000
const remembered = 50_000

/**
 * Counts failed sign-ins of one address for one name. Eight in ten minutes and that address waits for that name; from
 * every other address the account can still be used, so nobody can be locked out by somebody else.
 */
export const failures = () => {
  const tries = new Map<string, number[]>()
  const recent = (key: string, now: number): number[] => (tries.get(key) ?? []).filter((at) => now - at < windowMs)
  return {
    mayTry: (address: string, login: string, now: Date): boolean =>
      recent(`${address} ${login}`, now.getTime()).length < most,
    note: (address: string, login: string, now: Date): void => {
      const key = `${address} ${login}`
      const kept = [...recent(key, now.getTime()), now.getTime()]
      tries.delete(key)
      tries.set(key, kept)
      const oldest = tries.keys().next()
      if (tries.size > remembered && !oldest.done) tries.delete(oldest.value)
    },
  }
}

export const failedTries = failures()
