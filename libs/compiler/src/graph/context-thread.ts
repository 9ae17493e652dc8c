import { serveRequests } from '../thread/serve-requests.ts'
import { runInContext } from './context.ts'

serveRequests(runInContext)
