export { allocate } from './allocate.ts'
export { issueNotice } from './issue-notice.ts'
export { readStatement } from './read-statement.ts'
export { contributionRoutes } from './routes.ts'
