import type { Cell } from './index.ts'

/** Whether a number cell, or the text one was saved as, has lost digits: it keeps fifteen, and an account has more. */
export const lostDigits = (cell: Cell): boolean =>
  typeof cell === 'number'
    ? Math.abs(cell) > 999_999_999_999_999
    : /^'?\d(\.\d+)?E\+\d+$/i.test((cell ?? '').normalize('NFKC').trim())
