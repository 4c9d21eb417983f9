/** Whether two names are one as people write them: 李 明 and 李明 are, and so are wide and small letters. */
export const sameName = (a: string, b: string): boolean => plain(a) === plain(b)

const plain = (name: string): string => name.normalize('NFKC').replace(/\s/g, '').toLowerCase()
