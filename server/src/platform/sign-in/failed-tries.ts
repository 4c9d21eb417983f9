const windowMs = 10 * 60_000
const remembered = 50_000

const counted: Map<string, number[]>[] = []
/** Forgets all tries: for tests, of which many share a process and each has a database of its own. */
export const forgetTries = (): void => {
  for (const tries of counted) tries.clear()
}

const counter = (most: number) => {
  const tries = new Map<string, number[]>()
  counted.push(tries)
  const recent = (key: string, now: number): number[] => (tries.get(key) ?? []).filter((at) => now - at < windowMs)
  return {
    count: (key: string, now: number): number => recent(key, now).length,
    full: (key: string, now: number): boolean => recent(key, now).length >= most,
    note: (key: string, now: number): void => {
      const kept = [...recent(key, now), now].slice(-most)
      tries.delete(key)
      tries.set(key, kept)
      const oldest = tries.keys().next()
      if (tries.size > remembered && !oldest.done) tries.delete(oldest.value)
    },
  }
}

/**
 * Counts failed sign-ins. Eight in ten minutes, and that address (on that device) waits for that name; a hundred, and the
 * address waits for every name. For a name under attack from many addresses each try is only slowed, never refused: from
 * an address of her own the account can always be used, so nobody can be locked out by somebody else; and on a device
 * that is known to be hers she is not even slowed.
 */
export const failures = ({ everyName = 100 } = {}) => {
  const pairs = counter(8)
  const addresses = counter(everyName)
  const names = counter(50)
  return {
    mayTry: (address: string, login: string, now: Date): boolean =>
      !pairs.full(`${address} ${login}`, now.getTime()) && !addresses.full(address, now.getTime()),
    note: (address: string, login: string, now: Date): void => {
      pairs.note(`${address} ${login}`, now.getTime())
      addresses.note(address, now.getTime())
      names.note(login, now.getTime())
    },
    /** how long a try for this name is made to wait */
    slowMs: (login: string, now: Date): number => (names.full(login, now.getTime()) ? 1_000 : 0),
  }
}

export const failedTries = failures()

/**
 * The same by device, for one that keeps its cookie while it changes its address: eight for a name, thirty for all names. A
 * computer that a whole unit shares has its slips too.
 */
export const failedOnDevice = failures({ everyName: 30 })

/** Round trips to a provider that ended with a no, by address: a hundred in ten minutes, for an office shares one. */
export const oidcTries = counter(100)
