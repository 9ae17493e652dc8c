import { serveRequests } from '../thread/serve-requests.ts'
import { runInSandbox } from './sandbox.ts'

serveRequests(runInSandbox)
