import { fileURLToPath } from 'node:url'
import { defineConfig } from 'prisma/config'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** For `npm run prisma`; the control plane itself reads neither this nor the schema. */
export default defineConfig({
  schema: here('./schema.prisma'),
  migrations: { path: here('./migrations') },
  datasource: { url: process.env.DATABASE_URL ?? 'postgresql://localhost/lightflus' },
})
