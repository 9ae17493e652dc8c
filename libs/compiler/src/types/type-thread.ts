import { serveRequests } from '../thread/serve-requests.ts'
import type { Diagnostic, Program } from '../program.ts'
import { createProgramChecker } from './program-checker.ts'
import { checkProject } from './project-checker.ts'

export type TypeRequest =
  | { readonly kind: 'syntax' | 'types'; readonly program: Program }
  | { readonly kind: 'project'; readonly path: string; readonly root: string }

const checker = createProgramChecker()

serveRequests((request: TypeRequest): readonly Diagnostic[] => {
  switch (request.kind) {
    case 'syntax':
      return checker.syntax(request.program)
    case 'types':
      return checker.types(request.program)
    case 'project':
      return checkProject(request.path, request.root)
  }
})
