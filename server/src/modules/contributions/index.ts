export { allocate } from './allocate.ts'
export { issueNotice } from './issue-notice.ts'
export { readStatement, statementLines } from './read-statement.ts'
export { contributionRoutes } from './routes.ts'
