import { apiVerb, type Verb } from '../verb.ts'

interface OwnActs {
  readonly acts: readonly { on: string; what: string; isNew: boolean }[]
  readonly newActs: number
  readonly newest: string | null
}

/** What a member reads about herself. */
export const mine: Verb = apiVerb(
  'mine',
  {
    zh: '会员自己看：别人替我办了什么、什么时候、谁办的',
    en: 'for a member: what others did for or about her, when, and who',
    usage: ['mine acts [--read]（--read：看过了，下次只标新的）'],
  },
  [],
  {
    acts: async ({ api, flags, show, io }) => {
      const { acts, newActs, newest } = (await api.get('/me/acts')).json<OwnActs>()
      show({ acts, newActs, newest }, () =>
        acts.length === 0
          ? '还没有人替您办过什么。'
          : [
              newActs > 0
                ? `共 ${acts.length} 件，其中新的 ${newActs} 件（标 * 的）：`
                : `共 ${acts.length} 件，没有新的：`,
              ...acts.map((act) => `${act.isNew ? '*' : ' '} ${act.on}  ${act.what}`),
              ...(newActs > 0 && !flags.has('read') ? ['看过了，请写：tongzhou mine acts --read'] : []),
            ].join('\n'),
      )
      // Marked only once all of it has been shown.
      if (flags.has('read') && newest) {
        await api.post('/me/acts/read', { newest })
        if (!flags.has('json')) io.out('已记下：以上都看过了。')
      }
    },
  },
  ['read'],
)
